// NVIDIA's driver, TensorRT's version and NVML as far as the probe and the metrics ask: one card,
// a T4, under the names that the real libraries export.
#include <cstdint>
#include <cstring>
#include <map>
#include <string>

namespace {

std::map<std::string, int> told;

int number(char const* call, int otherwise) {
    auto const found = told.find(call);
    return found == told.end() ? otherwise : found->second;
}

void copy(char* to, unsigned length, char const* text) {
    std::strncpy(to, text, length - 1);
    to[length - 1] = 0;
}

}  // namespace

extern "C" {

/// What a call gives from now on, or what it fails with.
int fake_tell(char const* call, int answer) {
    told[call] = answer;
    return 0;
}

int cuInit(unsigned) {
    return number("cuInit", 0);
}

int cuDriverGetVersion(int* version) {
    *version = number("cuDriverGetVersion", 13010);
    return 0;
}

int cuDeviceGetCount(int* count) {
    *count = number("cuDeviceGetCount", 1);
    return 0;
}

int cuDeviceGet(int* device, int ordinal) {
    *device = ordinal;
    return 0;
}

int cuDeviceGetName(char* name, int length, int) {
    copy(name, static_cast<unsigned>(length), "Tesla T4");
    return 0;
}

int cuDeviceGetAttribute(int* value, int attribute, int) {
    *value = attribute == 75 ? number("cuDeviceGetAttribute", 7) : attribute == 76 ? 5 : 0;
    return 0;
}

int cuDeviceTotalMem_v2(std::size_t* bytes, int) {
    *bytes = std::size_t{15} << 30;
    return number("cuDeviceTotalMem_v2", 0);
}

int getInferLibMajorVersion() {
    return number("getInferLibMajorVersion", 10);
}

int getInferLibMinorVersion() {
    return 15;
}

int getInferLibPatchVersion() {
    return 1;
}

int getInferLibBuildVersion() {
    return 29;
}

int nvmlInit_v2() {
    return 0;
}

int nvmlDeviceGetHandleByPciBusId_v2(char const* bus, void** device) {
    static int card;
    *device = &card;
    return std::strcmp(bus, "0000:00:1E.0") == 0 ? 0 : 6;
}

int nvmlDeviceGetUUID(void*, char* uuid, unsigned length) {
    copy(uuid, length, "GPU-fake");
    return 0;
}

struct Utilization {
    unsigned gpu;
    unsigned memory;
};

int nvmlDeviceGetUtilizationRates(void*, Utilization* rates) {
    *rates = {75, 40};
    return 0;
}

struct MemoryInfo {
    unsigned long long total;
    unsigned long long free;
    unsigned long long used;
};

int nvmlDeviceGetMemoryInfo(void*, MemoryInfo* memory) {
    *memory = {15ULL << 30, 11ULL << 30, 4ULL << 30};
    return 0;
}

int nvmlDeviceGetPowerUsage(void*, unsigned* milliwatts) {
    *milliwatts = 61500;
    return 0;
}

int nvmlDeviceGetClockInfo(void*, int type, unsigned* megahertz) {
    *megahertz = type == 1 ? 1590 : 0;
    return type == 1 ? 0 : 3;
}
}
