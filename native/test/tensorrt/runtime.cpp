// TensorRT's runtime as far as Millrace calls it, as strict as it is: a plan of another version or card is
// refused, and so is a batch whose shapes, addresses or memory are not as the plan wants them.
#include "log.h"
#include "model.h"
#include "network.h"

#include "../cuda/stream.h"

#include <atomic>
#include <cstring>

extern "C" {
int cudaMalloc(void** memory, std::size_t bytes);
int cudaFree(void* memory);
}

namespace nvinfer1 {
namespace {

constexpr std::uintptr_t kAlignment = 256;
constexpr int64_t kScratchOfRow = 4096;

bool aligned(void const* address) {
    return reinterpret_cast<std::uintptr_t>(address) % kAlignment == 0;
}

/// What an engine and its contexts share.
struct Loaded {
    Plan plan;
    std::shared_ptr<Model> model;
    int device;
    void* weights;

    int64_t scratch() const { return kScratchOfRow * plan.max; }
};

/// Whose a context is while a call of it runs.
class Turn {
public:
    explicit Turn(std::atomic<int>& users) : users_(users) {
        if (users_.fetch_add(1) != 0) {
            fake::fault("an execution context is used by two threads at once");
        }
    }
    ~Turn() { --users_; }

private:
    std::atomic<int>& users_;
};

class Context final : public IExecutionContext, public VExecutionContext {
public:
    explicit Context(std::shared_ptr<Loaded> loaded) : loaded_(std::move(loaded)) { mImpl = this; }

    ~Context() override {
        if (*inFlight_ > 0) {
            fake::fault("an execution context is freed while a batch of it is in flight");
        }
        say("context freed");
    }

    IExecutionContext* getPImpl() noexcept override { return this; }

    void setDeviceMemoryV2(void* memory, int64_t bytes) noexcept override {
        Turn const turn(users_);
        if (bytes < loaded_->scratch() || !aligned(memory)) {
            usage("IExecutionContext::setDeviceMemoryV2", "condition: size >= getDeviceMemorySizeV2(), and aligned");
            return;
        }
        scratch_ = memory;
    }

    bool setTensorAddress(char const* tensor, void* address) noexcept override {
        Turn const turn(users_);
        if (loaded_->plan.find(tensor) == nullptr) {
            return usage("IExecutionContext::setTensorAddress", std::string("given invalid tensor name: ") + tensor);
        }
        if (!aligned(address)) {
            return usage("IExecutionContext::setTensorAddress", std::string("misaligned address of ") + tensor);
        }
        addresses_[tensor] = address;
        return true;
    }

    bool setInputShape(char const* tensor, Dims const& dims) noexcept override {
        Turn const turn(users_);
        std::string const call = "IExecutionContext::setInputShape";
        Plan const& plan = loaded_->plan;
        onnx::Tensor const* const found = plan.find(tensor);
        if (found == nullptr || !found->input) {
            return usage(call, std::string("given invalid tensor name: ") + tensor);
        }
        bool fits = dims.nbDims == found->dims.nbDims;
        for (int i = 1; fits && i < dims.nbDims; i++) {
            fits = dims.d[i] == found->dims.d[i];
        }
        if (!fits) {
            return usage(call, std::string("condition: engineDims.d[i] == dims.d[i]. Static dimension mismatch while setting input shape for ")
                    + tensor + ". Set dimensions are " + text(dims) + ". Expected dimensions are " + text(found->dims) + ".");
        }
        if (dims.d[0] < plan.min || dims.d[0] > plan.max) {
            return usage(call, "Supplied binding dimension " + text(dims) + " exceeds min ~ max range at index 0, maximum dimension in profile is "
                    + std::to_string(plan.max) + ", minimum dimension in profile is " + std::to_string(plan.min) + ".");
        }
        say(std::string(tensor) + " is " + text(dims));
        rows_[tensor] = dims.d[0];
        prepared_ = false;
        return true;
    }

    bool enqueueV3(cudaStream_t stream) noexcept override {
        Turn const turn(users_);
        std::string const call = "IExecutionContext::enqueueV3";
        if (told().has("refuse")) {
            return refuse("the batch is refused");
        }
        int64_t rows = 0;
        std::vector<fake::Place> places;
        for (onnx::Tensor const& tensor : loaded_->plan.tensors) {
            if (tensor.input && rows_.count(tensor.name) == 0) {
                return usage(call, "condition: allInputDimensionsSpecified. Shape is not set for " + tensor.name);
            }
            if (tensor.input && rows != 0 && rows != rows_[tensor.name]) {
                return usage(call, "the inputs have different batches");
            }
            rows = tensor.input ? rows_[tensor.name] : rows;
        }
        for (onnx::Tensor const& tensor : loaded_->plan.tensors) {
            if (addresses_[tensor.name] == nullptr) {
                return usage(call, "Address is not set for tensor " + tensor.name + ". Call setTensorAddress before enqueueV3.");
            }
            auto const bytes = static_cast<std::size_t>(rows * rowOf(tensor)) * onnx::bytesOf(tensor.type);
            places.push_back({addresses_[tensor.name], bytes, !tensor.input});
        }
        if (scratch_ == nullptr) {
            return usage(call, "condition: mDeviceMemory != nullptr. No device memory was given to the context.");
        }
        places.push_back({scratch_, static_cast<std::size_t>(loaded_->scratch()), true});
        std::shared_ptr<fake::Stream> const on = fake::streamOf(stream, "enqueueV3");
        if (on == nullptr || on->device != loaded_->device || fake::device() != loaded_->device) {
            return refuse(call + ": Error Code 1: Cuda Runtime (invalid resource handle)");
        }
        if (on->capturing() && !prepared_) {
            // The first run of new shapes loads and allocates, which a capture forbids.
            on->invalidate();
            return refuse(call + ": Error Code 1: Cuda Runtime (operation not permitted when stream is capturing)");
        }
        if (!on->capturing() && *inFlight_ > 0 && user_ != std::this_thread::get_id()) {
            fake::fault("an execution context is used by a second thread while a batch of the first is in flight");
        }
        user_ = std::this_thread::get_id();
        prepared_ = true;
        bool const counted = !on->capturing();
        *inFlight_ += counted ? 1 : 0;
        auto job = [rows, counted, model = loaded_->model, addresses = addresses_, inFlight = inFlight_] {
            std::string const failure = model->run(rows, addresses);
            if (!failure.empty()) {
                fake::fault("a batch cannot be computed: " + failure);
            }
            *inFlight -= counted ? 1 : 0;
        };
        int const code = fake::compute(stream, "enqueueV3", std::move(job), places);
        if (code != 0) {
            *inFlight_ -= counted ? 1 : 0;
            return refuse(call + ": Error Code 1: Cuda Runtime (code " + std::to_string(code) + ")");
        }
        return true;
    }

private:
    std::shared_ptr<Loaded> const loaded_;
    std::map<std::string, int64_t> rows_;
    Addresses addresses_;
    void* scratch_ = nullptr;
    bool prepared_ = false;
    std::thread::id user_;
    std::atomic<int> users_{0};
    std::shared_ptr<std::atomic<int>> const inFlight_ = std::make_shared<std::atomic<int>>(0);
};

class Inspector final : public IEngineInspector, public VEngineInspector {
public:
    Inspector() { mImpl = this; }
    ~Inspector() override { say("inspector freed"); }

    char const* getEngineInformation(LayerInformationFormat format) const noexcept override {
        return format == LayerInformationFormat::kJSON
                ? R"({"Layers": [{"Name": "conv", "LayerType": "Conv", "Outputs": [{"Format/Datatype": "Half"}]}]})"
                : "";
    }
};

class Engine final : public ICudaEngine, public VCudaEngine {
public:
    explicit Engine(std::shared_ptr<Loaded> loaded) : loaded_(std::move(loaded)) { mImpl = this; }

    ~Engine() override {
        if (loaded_.use_count() > 1) {
            fake::fault("an engine is freed before its execution contexts");
        }
        cudaFree(loaded_->weights);
        say("engine freed");
    }

    ICudaEngine* getPImpl() noexcept override { return this; }
    int32_t getNbIOTensors() const noexcept override { return static_cast<int32_t>(loaded_->plan.tensors.size()); }
    char const* getIOTensorName(int32_t index) const noexcept override {
        return loaded_->plan.tensors[static_cast<std::size_t>(index)].name.c_str();
    }
    Dims getTensorShape(char const* tensor) const noexcept override {
        onnx::Tensor const* const found = loaded_->plan.find(tensor);
        return found == nullptr ? Dims{-1, {}} : found->dims;
    }
    TensorIOMode getTensorIOMode(char const* tensor) const noexcept override {
        onnx::Tensor const* const found = loaded_->plan.find(tensor);
        return found == nullptr ? TensorIOMode::kNONE : found->input ? TensorIOMode::kINPUT : TensorIOMode::kOUTPUT;
    }
    DataType getTensorDataType(char const* tensor) const noexcept override {
        onnx::Tensor const* const found = loaded_->plan.find(tensor);
        return found == nullptr ? DataType::kFLOAT : found->type;
    }
    int32_t getNbOptimizationProfiles() const noexcept override { return 1; }
    Dims getProfileShape(char const* tensor, int32_t, OptProfileSelector selector) const noexcept override {
        Dims dims = getTensorShape(tensor);
        Plan const& plan = loaded_->plan;
        dims.d[0] = selector == OptProfileSelector::kMIN ? plan.min : selector == OptProfileSelector::kOPT ? plan.opt : plan.max;
        return dims;
    }
    int64_t getDeviceMemorySizeV2() const noexcept override { return loaded_->scratch(); }
    int64_t getEngineStat(EngineStat) const noexcept override { return static_cast<int64_t>(loaded_->plan.file.size()); }
    IEngineInspector* createEngineInspector() const noexcept override { return new Inspector; }
    IExecutionContext* createExecutionContext(ExecutionContextAllocationStrategy strategy) noexcept override {
        return strategy == ExecutionContextAllocationStrategy::kUSER_MANAGED ? new Context(loaded_) : nullptr;
    }

private:
    std::shared_ptr<Loaded> loaded_;
};

class Runtime final : public IRuntime, public VRuntime {
public:
    Runtime() { mImpl = this; }

    ~Runtime() override {
        for (std::weak_ptr<Loaded> const& engine : engines_) {
            if (!engine.expired()) {
                fake::fault("a runtime is freed before its engines");
            }
        }
        say("runtime freed");
    }

    IRuntime* getPImpl() noexcept override { return this; }

    ICudaEngine* deserializeCudaEngine(void const* bytes, std::size_t size) noexcept override {
        auto loaded = std::make_shared<Loaded>();
        std::string const why = loaded->plan.read(std::string(static_cast<char const*>(bytes), size));
        if (!why.empty()) {
            refuse(why);
            return nullptr;
        }
        loaded->device = fake::device();
        int const capability = fake::capability(loaded->device);
        Plan const& plan = loaded->plan;
        if (plan.version != versionOf()) {
            refuse("IRuntime::deserializeCudaEngine: Error Code 1: Serialization (Serialization assertion stdVersionRead == "
                   "kSERIALIZATION_VERSION failed.Version tag does not match. Current: " + versionOf() + ", Serialized: " + plan.version + ")");
            return nullptr;
        }
        if (plan.capability != capability) {
            refuse("IRuntime::deserializeCudaEngine: Error Code 6: API Usage Error (The engine plan file is generated on an "
                   "incompatible device, expecting compute " + text(capability) + " got compute " + text(plan.capability) + ", please rebuild.)");
            return nullptr;
        }
        if (cudaMalloc(&loaded->weights, plan.file.size()) != 0) {
            refuse("IRuntime::deserializeCudaEngine: Error Code 2: OutOfMemory (Requested size was "
                    + std::to_string(plan.file.size()) + " bytes.)");
            return nullptr;
        }
        loaded->model = Model::of(plan);
        engines_.push_back(loaded);
        return new Engine(loaded);
    }

private:
    static std::string text(int capability) {
        return std::to_string(capability / 10) + "." + std::to_string(capability % 10);
    }

    std::vector<std::weak_ptr<Loaded>> engines_;
};

}  // namespace
}  // namespace nvinfer1

extern "C" {

void* createInferRuntime_INTERNAL(void* log, int32_t) noexcept {
    nvinfer1::logger() = static_cast<nvinfer1::ILogger*>(log);
    return static_cast<nvinfer1::IRuntime*>(new nvinfer1::Runtime);
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
