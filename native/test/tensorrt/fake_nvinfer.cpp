// TensorRT as far as Millrace calls it: made from NVIDIA's headers, so the presets call it as they
// would the real one. It says on standard output what it is asked and what is freed. A plan is any
// file that starts with PLAN; the model gives for each row of pixels its first byte. With FAKE_REFUSE
// every batch is refused.
#include "stubs.h"

#include <cuda_runtime_api.h>

#include <cstring>
#include <map>
#include <string>

using namespace nvinfer1;

namespace {

ILogger* logger = nullptr;

void say(std::string const& line) {
    std::printf("tensorrt: %s\n", line.c_str());
    std::fflush(stdout);
}

std::string text(Dims const& dims) {
    std::string line;
    for (int i = 0; i < dims.nbDims; i++) {
        line += (i == 0 ? "" : "x") + std::to_string(dims.d[i]);
    }
    return line;
}

bool isPixels(char const* tensor) {
    return std::strcmp(tensor, "pixels") == 0;
}

constexpr int kPixels = 12;

Dims pixels(int64_t batch) {
    return Dims{4, {batch, 2, 2, 3}};
}

class Context final : public IExecutionContext, public nvinfer1_stubs::VExecutionContext {
public:
    Context() { mImpl = this; }
    ~Context() override { say("context freed"); }
    IExecutionContext* getPImpl() noexcept override { return this; }

    void setDeviceMemoryV2(void* memory, int64_t bytes) noexcept override {
        say("scratch of " + std::to_string(memory == nullptr ? 0 : bytes));
    }

    bool setTensorAddress(char const* tensor, void* address) noexcept override {
        addresses_[tensor] = address;
        return true;
    }

    bool setInputShape(char const* tensor, Dims const& dims) noexcept override {
        say(std::string(tensor) + " is " + text(dims));
        shape_ = dims;
        return true;
    }

    bool enqueueV3(cudaStream_t stream) noexcept override {
        if (std::getenv("FAKE_REFUSE") != nullptr) {
            logger->log(ILogger::Severity::kERROR, "the batch is refused");
            return false;
        }
        auto* to = static_cast<float*>(addresses_["scores"]);
        auto* from = static_cast<unsigned char*>(addresses_["pixels"]);
        auto* job = new Job{to, from, static_cast<int>(shape_.d[0])};
        cudaLaunchHostFunc(stream, run, job);
        return true;
    }

private:
    struct Job {
        float* to;
        unsigned char* from;
        int rows;
    };

    // A captured job runs again at each launch, so it is never freed.
    static void run(void* argument) {
        auto* job = static_cast<Job*>(argument);
        for (int row = 0; row < job->rows; row++) {
            job->to[row] = job->from[row * kPixels];
        }
    }

    std::map<std::string, void*> addresses_;
    Dims shape_{};
};

class Inspector final : public IEngineInspector, public nvinfer1_stubs::VEngineInspector {
public:
    Inspector() { mImpl = this; }
    ~Inspector() override { say("inspector freed"); }

    char const* getEngineInformation(LayerInformationFormat format) const noexcept override {
        return format == LayerInformationFormat::kJSON
                ? R"({"Layers": [{"Name": "conv", "LayerType": "Conv", "Outputs": [{"Format/Datatype": "Half"}]}]})"
                : "";
    }
};

class Engine final : public ICudaEngine, public nvinfer1_stubs::VCudaEngine {
public:
    Engine() { mImpl = this; }
    ~Engine() override { say("engine freed"); }
    ICudaEngine* getPImpl() noexcept override { return this; }
    int32_t getNbIOTensors() const noexcept override { return 2; }
    char const* getIOTensorName(int32_t index) const noexcept override {
        return index == 0 ? "pixels" : "scores";
    }
    Dims getTensorShape(char const* tensor) const noexcept override {
        return isPixels(tensor) ? pixels(-1) : Dims{2, {-1, 1}};
    }
    TensorIOMode getTensorIOMode(char const* tensor) const noexcept override {
        return isPixels(tensor) ? TensorIOMode::kINPUT : TensorIOMode::kOUTPUT;
    }
    DataType getTensorDataType(char const* tensor) const noexcept override {
        return isPixels(tensor) ? DataType::kUINT8 : DataType::kFLOAT;
    }
    int32_t getNbOptimizationProfiles() const noexcept override { return 1; }
    Dims getProfileShape(char const*, int32_t, OptProfileSelector selector) const noexcept override {
        switch (selector) {
            case OptProfileSelector::kMIN: return pixels(1);
            case OptProfileSelector::kOPT: return pixels(8);
            case OptProfileSelector::kMAX: return pixels(16);
        }
        std::abort();
    }
    int64_t getDeviceMemorySizeV2() const noexcept override { return 4096; }
    int64_t getEngineStat(EngineStat) const noexcept override { return 12345; }
    IEngineInspector* createEngineInspector() const noexcept override { return new Inspector; }
    IExecutionContext* createExecutionContext(ExecutionContextAllocationStrategy strategy) noexcept override {
        return strategy == ExecutionContextAllocationStrategy::kUSER_MANAGED ? new Context : nullptr;
    }
};

class Runtime final : public IRuntime, public nvinfer1_stubs::VRuntime {
public:
    Runtime() { mImpl = this; }
    ~Runtime() override { say("runtime freed"); }
    IRuntime* getPImpl() noexcept override { return this; }

    ICudaEngine* deserializeCudaEngine(void const* bytes, std::size_t size) noexcept override {
        if (size < 4 || std::memcmp(bytes, "PLAN", 4) != 0) {
            logger->log(ILogger::Severity::kERROR, "the magic tag is wrong");
            return nullptr;
        }
        return new Engine;
    }
};

class Bytes final : public IHostMemory, public nvinfer1_stubs::VHostMemory {
public:
    explicit Bytes(std::string content) : content_(std::move(content)) { mImpl = this; }
    ~Bytes() override { say("bytes freed"); }
    void* data() const noexcept override { return const_cast<char*>(content_.data()); }
    std::size_t size() const noexcept override { return content_.size(); }

private:
    std::string content_;
};

class Input final : public ITensor, public nvinfer1_stubs::VTensor {
public:
    Input() { mImpl = this; }
    char const* getName() const noexcept override { return "pixels"; }
    Dims getDimensions() const noexcept override { return pixels(-1); }
};

class Network final : public INetworkDefinition, public nvinfer1_stubs::VNetworkDefinition {
public:
    Network() { mImpl = this; }
    ~Network() override { say("network freed"); }
    int32_t getNbInputs() const noexcept override { return 1; }
    ITensor* getInput(int32_t) const noexcept override { return const_cast<Input*>(&input_); }

private:
    Input input_;
};

class Profile final : public IOptimizationProfile, public nvinfer1_stubs::VOptimizationProfile {
public:
    Profile() { mImpl = this; }
    bool setDimensions(char const* input, OptProfileSelector selector, Dims const& dims) noexcept override {
        say("profile " + std::to_string(static_cast<int>(selector)) + " of " + input + " is " + text(dims));
        return true;
    }
};

class Cache final : public ITimingCache, public nvinfer1_stubs::VTimingCache {
public:
    Cache() { mImpl = this; }
    ~Cache() override { say("timing cache freed"); }
    IHostMemory* serialize() const noexcept override { return new Bytes("CACHE"); }
};

class Configuration final : public IBuilderConfig, public nvinfer1_stubs::VBuilderConfig {
public:
    Configuration() { mImpl = this; }
    ~Configuration() override { say("configuration freed"); }
    void setMemoryPoolLimit(MemoryPoolType pool, std::size_t bytes) noexcept override {
        say("pool " + std::to_string(static_cast<int>(pool)) + " of " + std::to_string(bytes));
    }
    void setProfilingVerbosity(ProfilingVerbosity verbosity) noexcept override {
        say(verbosity == ProfilingVerbosity::kDETAILED ? "detailed" : "not detailed");
    }
    int32_t addOptimizationProfile(IOptimizationProfile const*) noexcept override { return 0; }
    ITimingCache* createTimingCache(void const*, std::size_t size) const noexcept override {
        say("timing cache of " + std::to_string(size));
        return new Cache;
    }
    bool setTimingCache(ITimingCache const& cache, bool) noexcept override {
        cache_ = &cache;
        return true;
    }
    ITimingCache const* getTimingCache() const noexcept override { return cache_; }

private:
    ITimingCache const* cache_ = nullptr;
};

class Builder final : public IBuilder, public nvinfer1_stubs::VBuilder {
public:
    Builder() { mImpl = this; }
    ~Builder() override { say("builder freed"); }
    INetworkDefinition* createNetworkV2(NetworkDefinitionCreationFlags flags) noexcept override {
        auto strongly = 1U << static_cast<uint32_t>(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED);
        say(flags == strongly ? "strongly typed" : "weakly typed");
        return new Network;
    }
    IBuilderConfig* createBuilderConfig() noexcept override { return new Configuration; }
    IOptimizationProfile* createOptimizationProfile() noexcept override { return new Profile; }
    IHostMemory* buildSerializedNetwork(INetworkDefinition&, IBuilderConfig&) noexcept override {
        logger->log(ILogger::Severity::kINFO, "Engine generation completed in 1 seconds.");
        return new Bytes("PLAN");
    }
};

}  // namespace

extern "C" {

void* createInferRuntime_INTERNAL(void* log, int32_t) noexcept {
    logger = static_cast<ILogger*>(log);
    return static_cast<IRuntime*>(new Runtime);
}

void* createInferBuilder_INTERNAL(void* log, int32_t) noexcept {
    logger = static_cast<ILogger*>(log);
    return static_cast<IBuilder*>(new Builder);
}

int32_t getInferLibMajorVersion() noexcept {
    return NV_TENSORRT_MAJOR;
}

int32_t getInferLibMinorVersion() noexcept {
    return NV_TENSORRT_MINOR;
}

int32_t getInferLibPatchVersion() noexcept {
    return NV_TENSORRT_PATCH;
}

int32_t getInferLibBuildVersion() noexcept {
    return NV_TENSORRT_BUILD;
}
}
