// NVIDIA's driver, TensorRT's version and NVML as far as the probe and the metrics ask, under the names
// that the real libraries export: a T4, or the cards that FAKE_CUDA tells.
#include "fake_options.h"

#include <cstdint>
#include <cstdio>
#include <cstring>

namespace {

std::map<std::string, int> told;

fake::Options const& options() {
    static auto const* const told = new fake::Options(std::getenv("FAKE_CUDA"));
    return *told;
}

int capability(int device) {
    auto const cards = options().cards();
    return static_cast<std::size_t>(device) < cards.size() ? cards[static_cast<std::size_t>(device)] : 75;
}

char const* nameOf(int device) {
    switch (capability(device)) {
        case 61: return "Tesla P4";
        case 70: return "Tesla V100";
        case 75: return "Tesla T4";
        case 80: return "NVIDIA A100";
        case 86: return "NVIDIA A10G";
        case 89: return "NVIDIA L4";
        case 90: return "NVIDIA H100";
        default: return "NVIDIA GPU";
    }
}

bool mig() {
    return options().has("mig");
}

// The cards of NVML, and behind each the MIG instance on it.
struct Card {
    int device;
    bool instance;
};

Card cards[16][2];

int supported(unsigned* value, unsigned is) {
    *value = is;
    return 0;
}

constexpr int kNotSupported = 3;
constexpr int kNotFound = 6;

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
    *version = number("cuDriverGetVersion", options().driver());
    return 0;
}

int cuDeviceGetCount(int* count) {
    *count = number("cuDeviceGetCount", static_cast<int>(options().cards().size()));
    return 0;
}

int cuDeviceGet(int* device, int ordinal) {
    *device = ordinal;
    return 0;
}

int cuDeviceGetName(char* name, int length, int device) {
    copy(name, static_cast<unsigned>(length), nameOf(device));
    return 0;
}

int cuDeviceGetAttribute(int* value, int attribute, int device) {
    *value = attribute == 75 ? number("cuDeviceGetAttribute", capability(device) / 10)
            : attribute == 76 ? capability(device) % 10
                              : 0;
    return 0;
}

int cuDeviceTotalMem_v2(std::size_t* bytes, int) {
    *bytes = options().memory();
    return number("cuDeviceTotalMem_v2", 0);
}

/// Of the MIG instance, where there is one: its last byte is the card's number.
int cuDeviceGetUuid_v2(unsigned char* uuid, int device) {
    std::memset(uuid, 0, 16);
    uuid[15] = static_cast<unsigned char>(device);
    return number("cuDeviceGetUuid_v2", 0);
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

int nvmlDeviceGetHandleByPciBusId_v2(char const* bus, Card** card) {
    unsigned number = 0;
    std::sscanf(bus, "0000:00:%X.0", &number);
    std::size_t const device = number - 0x1e;
    if (device >= options().cards().size()) {
        return kNotFound;
    }
    *card = &cards[device][0];
    cards[device][0] = {static_cast<int>(device), false};
    cards[device][1] = {static_cast<int>(device), true};
    return 0;
}

int nvmlDeviceGetUUID(Card* card, char* uuid, unsigned length) {
    std::string const number = card->device == 0 ? "" : std::to_string(card->device);
    if (card->instance) {
        std::snprintf(uuid, length, "MIG-00000000-0000-0000-0000-%012x", static_cast<unsigned>(card->device));
    } else {
        copy(uuid, length, ("GPU-fake" + number).c_str());
    }
    return 0;
}

int nvmlDeviceGetName(Card* card, char* name, unsigned length) {
    copy(name, length, nameOf(card->device));
    return 0;
}

int nvmlDeviceGetMigMode(Card*, unsigned* current, unsigned* pending) {
    *current = *pending = mig() ? 1 : 0;
    return mig() ? 0 : kNotSupported;
}

int nvmlDeviceGetMaxMigDeviceCount(Card*, unsigned* count) {
    return supported(count, mig() ? 7 : 0);
}

int nvmlDeviceGetMigDeviceHandleByIndex(Card* card, unsigned index, Card** instance) {
    *instance = card + 1;
    return mig() && index == 0 ? 0 : kNotFound;
}

int nvmlDeviceIsMigDeviceHandle(Card* card, unsigned* instance) {
    return supported(instance, card->instance ? 1 : 0);
}

int nvmlDeviceGetDeviceHandleFromMigDeviceHandle(Card* instance, Card** card) {
    *card = instance - 1;
    return 0;
}

int nvmlSystemGetDriverVersion(char* version, unsigned length) {
    copy(version, length, options().driver() >= 13010 ? "590.44.01" : options().driver() >= 13000 ? "580.95.05" : "570.172.08");
    return 0;
}

int nvmlDeviceGetMaxClockInfo(Card*, int type, unsigned* megahertz) {
    return type == 1 ? supported(megahertz, 1590) : type == 2 ? supported(megahertz, 5001) : kNotSupported;
}

int nvmlDeviceGetCurrPcieLinkGeneration(Card*, unsigned* generation) {
    return supported(generation, 3);
}

int nvmlDeviceGetMaxPcieLinkGeneration(Card*, unsigned* generation) {
    return supported(generation, 3);
}

int nvmlDeviceGetCurrPcieLinkWidth(Card*, unsigned* lanes) {
    return supported(lanes, 8);
}

int nvmlDeviceGetMaxPcieLinkWidth(Card*, unsigned* lanes) {
    return supported(lanes, 16);
}

int nvmlDeviceGetEccMode(Card*, unsigned* current, unsigned* pending) {
    *pending = 1;
    return supported(current, 1);
}

int nvmlDeviceGetEnforcedPowerLimit(Card*, unsigned* milliwatts) {
    return supported(milliwatts, 70000);
}

int nvmlDeviceGetTemperature(Card*, int, unsigned* celsius) {
    return supported(celsius, 41);
}

int nvmlDeviceGetCurrentClocksEventReasons(Card*, unsigned long long* reasons) {
    *reasons = 1;
    return 0;
}

int nvmlDeviceGetCurrentClocksThrottleReasons(Card* card, unsigned long long* reasons) {
    return nvmlDeviceGetCurrentClocksEventReasons(card, reasons);
}

struct Utilization {
    unsigned gpu;
    unsigned memory;
};

int nvmlDeviceGetUtilizationRates(Card*, Utilization* rates) {
    *rates = {75, 40};
    // Neither a MIG instance nor the card that it is on has one.
    return mig() ? kNotSupported : 0;
}

struct MemoryInfo {
    unsigned long long total;
    unsigned long long free;
    unsigned long long used;
};

int nvmlDeviceGetMemoryInfo(Card* card, MemoryInfo* memory) {
    unsigned long long const total = options().memory() / (card->instance ? 2 : 1);
    *memory = {total, total - (4ULL << 30), 4ULL << 30};
    return 0;
}

int nvmlDeviceGetPowerUsage(Card* card, unsigned* milliwatts) {
    return card->instance ? kNotSupported : supported(milliwatts, 61500);
}

int nvmlDeviceGetClockInfo(Card* card, int type, unsigned* megahertz) {
    return card->instance || type != 1 ? kNotSupported : supported(megahertz, 1590);
}
}
