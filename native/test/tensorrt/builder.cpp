// TensorRT's builder as far as Millrace calls it: it takes its kernels from the builder resource of the
// card, which it opens by name, and a plan is the ONNX file with what it was built for.
#include "log.h"
#include "network.h"
#include "plan.h"

#include "../cuda/state.h"

#include <dlfcn.h>

#include <chrono>
#include <csignal>
#include <thread>

namespace nvinfer1 {
namespace {

class Bytes final : public IHostMemory, public VHostMemory {
public:
    explicit Bytes(std::string content) : content_(std::move(content)) { mImpl = this; }
    ~Bytes() override { say("bytes freed"); }
    void* data() const noexcept override { return const_cast<char*>(content_.data()); }
    std::size_t size() const noexcept override { return content_.size(); }

private:
    std::string content_;
};

class Profile final : public IOptimizationProfile, public VOptimizationProfile {
public:
    Profile() { mImpl = this; }

    bool setDimensions(char const* input, OptProfileSelector selector, Dims const& dims) noexcept override {
        say("profile " + std::to_string(static_cast<int>(selector)) + " of " + input + " is " + text(dims));
        shapes[input][static_cast<int>(selector)] = dims;
        return dims.nbDims > 0 && dims.d[0] > 0;
    }

    std::map<std::string, Dims[3]> shapes;
};

class Cache final : public ITimingCache, public VTimingCache {
public:
    Cache() { mImpl = this; }
    ~Cache() override { say("timing cache freed"); }
    IHostMemory* serialize() const noexcept override { return new Bytes("CACHE"); }
};

class Configuration final : public IBuilderConfig, public VBuilderConfig {
public:
    Configuration() { mImpl = this; }
    ~Configuration() override { say("configuration freed"); }
    void setMemoryPoolLimit(MemoryPoolType pool, std::size_t bytes) noexcept override {
        say("pool " + std::to_string(static_cast<int>(pool)) + " of " + std::to_string(bytes));
    }
    void setProfilingVerbosity(ProfilingVerbosity verbosity) noexcept override {
        say(verbosity == ProfilingVerbosity::kDETAILED ? "detailed" : "not detailed");
    }
    int32_t addOptimizationProfile(IOptimizationProfile const* added) noexcept override {
        profile = static_cast<Profile const*>(added);
        return 0;
    }
    ITimingCache* createTimingCache(void const*, std::size_t size) const noexcept override {
        say("timing cache of " + std::to_string(size));
        return new Cache;
    }
    bool setTimingCache(ITimingCache const& cache, bool) noexcept override {
        cache_ = &cache;
        return true;
    }
    ITimingCache const* getTimingCache() const noexcept override { return cache_; }

    Profile const* profile = nullptr;

private:
    ITimingCache const* cache_ = nullptr;
};

/// Why the profile does not serve the network; empty where it does. The rows go into the plan.
std::string profileOf(Network const& network, Configuration const& configuration, Plan& plan) {
    if (configuration.profile == nullptr) {
        return "Network has dynamic or shape inputs, but no optimization profile has been defined.";
    }
    for (onnx::Tensor const& tensor : network.tensors) {
        auto const shapes = configuration.profile->shapes.find(tensor.name);
        if (!tensor.input) {
            continue;
        }
        if (shapes == configuration.profile->shapes.end()) {
            return "for input " + tensor.name + " the profile has no shape";
        }
        Dims const* const all = shapes->second;
        for (int selector = 0; selector < 3; selector++) {
            for (int i = 0; i < tensor.dims.nbDims; i++) {
                bool const open = i == 0 && tensor.dims.d[i] == -1;
                if (all[selector].nbDims != tensor.dims.nbDims || (!open && all[selector].d[i] != tensor.dims.d[i])) {
                    return "for input " + tensor.name + " the profile has " + text(all[selector]) + " and the network "
                            + text(tensor.dims);
                }
            }
        }
        if (all[0].d[0] > all[1].d[0] || all[1].d[0] > all[2].d[0]) {
            return "for input " + tensor.name + " the profile's kMIN, kOPT and kMAX are not in order";
        }
        plan.min = all[0].d[0];
        plan.opt = all[1].d[0];
        plan.max = all[2].d[0];
    }
    return "";
}

class Builder final : public IBuilder, public VBuilder {
public:
    Builder() { mImpl = this; }
    ~Builder() override { say("builder freed"); }

    INetworkDefinition* createNetworkV2(NetworkDefinitionCreationFlags flags) noexcept override {
        auto const strongly = 1U << static_cast<uint32_t>(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED);
        say(flags == strongly ? "strongly typed" : "weakly typed");
        return new Network(flags == strongly);
    }

    IBuilderConfig* createBuilderConfig() noexcept override { return new Configuration; }

    IOptimizationProfile* createOptimizationProfile() noexcept override {
        profiles_.push_back(std::make_unique<Profile>());
        return profiles_.back().get();
    }

    IHostMemory* buildSerializedNetwork(INetworkDefinition& definition, IBuilderConfig& config) noexcept override {
        auto const& network = static_cast<Network const&>(definition);
        while (told().has("build-hang")) {
            std::this_thread::sleep_for(std::chrono::seconds(1));
        }
        if (told().has("build-crash")) {
            std::raise(SIGSEGV);
        }
        std::this_thread::sleep_for(std::chrono::seconds(told().number("build-seconds", 0)));
        Plan plan;
        std::string why = profileOf(network, static_cast<Configuration const&>(config), plan);
        if (told().has("build-fail")) {
            why = "Could not find any implementation for node conv.";
        }
        if (!why.empty()) {
            refuse("IBuilder::buildSerializedNetwork: Error Code 4: API Usage Error (" + why + ")");
            return nullptr;
        }
        plan.version = versionOf();
        plan.capability = fake::capability(fake::device());
        plan.file = network.file;
        tell(ILogger::Severity::kINFO, "Engine generation completed in 1 seconds.");
        return new Bytes(plan.write());
    }

private:
    std::vector<std::unique_ptr<Profile>> profiles_;
};

/// Looks a function of the card's kernels up in the library that has them, as TensorRT does.
bool hasKernels() {
    std::string const name = "libnvinfer_builder_resource_sm" + std::to_string(fake::capability(fake::device())) + ".so."
            + std::to_string(NV_TENSORRT_MAJOR) + "." + std::to_string(NV_TENSORRT_MINOR) + "." + std::to_string(NV_TENSORRT_PATCH);
    void* const library = dlopen(name.c_str(), RTLD_LAZY);
    if (library == nullptr) {
        return refuse("createInferBuilder: Error Code 6: Internal Error (Unable to load library: " + std::string(dlerror()) + ")");
    }
    if (dlsym(library, "fake_ptx_kernels") == nullptr) {
        return refuse("createInferBuilder: Error Code 6: Internal Error (Unable to load function from: " + name + ")");
    }
    return true;
}

}  // namespace
}  // namespace nvinfer1

extern "C" void* createInferBuilder_INTERNAL(void* log, int32_t) noexcept {
    nvinfer1::logger() = static_cast<nvinfer1::ILogger*>(log);
    return nvinfer1::hasKernels() ? static_cast<nvinfer1::IBuilder*>(new nvinfer1::Builder) : nullptr;
}
