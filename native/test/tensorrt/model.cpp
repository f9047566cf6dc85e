#include "model.h"

#include "network.h"

#include <dlfcn.h>

#include <algorithm>
#include <shared_mutex>

namespace nvinfer1 {
namespace {

class FirstByte final : public Model {
public:
    explicit FirstByte(Plan const& plan) : tensors_(plan.tensors) {
        input_ = *std::find_if(tensors_.begin(), tensors_.end(), [](auto const& tensor) { return tensor.input; });
    }

    std::string run(int64_t rows, Addresses const& addresses) override {
        auto const* from = static_cast<unsigned char const*>(addresses.at(input_.name));
        auto const stride = rowOf(input_) * static_cast<int64_t>(onnx::bytesOf(input_.type));
        for (onnx::Tensor const& tensor : tensors_) {
            for (int64_t row = 0; !tensor.input && row < rows; row++) {
                auto* const to = static_cast<float*>(addresses.at(tensor.name)) + row * rowOf(tensor);
                std::fill(to, to + rowOf(tensor), static_cast<float>(from[row * stride]));
            }
        }
        return "";
    }

private:
    std::vector<onnx::Tensor> tensors_;
    onnx::Tensor input_;
};

// The table of ONNX Runtime's C interface (MIT, onnxruntime_c_api.h, version 1 of the table, which never
// changes): the places of the functions that are used, and their types.
struct OrtApiBase {
    void* const* (*getApi)(uint32_t version);
    char const* (*getVersionString)();
};

class Ort {
public:
    static Ort& get() {
        static auto* const ort = new Ort;
        return *ort;
    }

    template <typename... A>
    std::string call(std::size_t place, A... arguments) const {
        void* const status = reinterpret_cast<void* (*)(A...)>(table_[place])(arguments...);
        if (status == nullptr) {
            return "";
        }
        std::string const why = reinterpret_cast<char const* (*)(void const*)>(table_[2])(status);
        release(93, status);
        return why;
    }

    void release(std::size_t place, void* object) const {
        reinterpret_cast<void (*)(void*)>(table_[place])(object);
    }

    void* environment = nullptr;
    void* memory = nullptr;
    std::string failure;
    /// Held by whoever computes, and by the end of the process from then on.
    std::shared_mutex computing;

private:
    Ort() {
        std::string const path = told().text("onnxruntime");
        // The one that the process has already, if it is there.
        void* library = dlopen("libonnxruntime.so.1", RTLD_LAZY | RTLD_NOLOAD);
        library = library == nullptr ? dlopen(path.c_str(), RTLD_LAZY) : library;
        void* const base = library == nullptr ? nullptr : dlsym(library, "OrtGetApiBase");
        if (base == nullptr) {
            failure = "no ONNX Runtime in " + path;
            return;
        }
        table_ = reinterpret_cast<OrtApiBase const* (*)()>(base)()->getApi(1);
        constexpr int kWarning = 2;
        constexpr int kDeviceAllocator = 0;
        constexpr int kDefaultMemory = 0;
        failure = call<int, char const*, void**>(3, kWarning, "fake_tensorrt", &environment);
        failure += call<int, int, void**>(69, kDeviceAllocator, kDefaultMemory, &memory);
        // Before the library's own state is gone, which a batch in flight would still use.
        std::atexit([] { get().computing.lock(); });
    }

    void* const* table_ = nullptr;
};

int elementOf(DataType type) {
    switch (type) {
        case DataType::kUINT8: return 2;
        case DataType::kINT8: return 3;
        case DataType::kINT32: return 6;
        case DataType::kINT64: return 7;
        case DataType::kBOOL: return 9;
        case DataType::kHALF: return 10;
        default: return 1;
    }
}

class OrtModel final : public Model {
public:
    explicit OrtModel(Plan const& plan) : tensors_(plan.tensors), failure_(Ort::get().failure) {
        if (!failure_.empty()) {
            return;
        }
        Ort const& ort = Ort::get();
        void* options = nullptr;
        failure_ = ort.call<void**>(10, &options);
        failure_ += ort.call<void*, int>(24, options, 1);
        failure_ += ort.call<void*, void const*, std::size_t, void*, void**>(
                8, ort.environment, plan.file.data(), plan.file.size(), options, &session_);
        ort.release(100, options);
    }

    ~OrtModel() override {
        if (session_ != nullptr) {
            Ort::get().release(95, session_);
        }
    }

    std::string run(int64_t rows, Addresses const& addresses) override {
        if (!failure_.empty()) {
            return failure_;
        }
        Ort& ort = Ort::get();
        std::shared_lock<std::shared_mutex> const computing(ort.computing);
        std::vector<char const*> names[2];
        std::vector<void*> values[2];
        std::string failure;
        for (onnx::Tensor const& tensor : tensors_) {
            Dims dims = tensor.dims;
            dims.d[0] = rows;
            void* value = nullptr;
            std::size_t const bytes = static_cast<std::size_t>(rows * rowOf(tensor)) * onnx::bytesOf(tensor.type);
            failure += ort.call<void*, void*, std::size_t, int64_t const*, std::size_t, int, void**>(
                    49, ort.memory, addresses.at(tensor.name), bytes, dims.d, static_cast<std::size_t>(dims.nbDims),
                    elementOf(tensor.type), &value);
            names[tensor.input ? 0 : 1].push_back(tensor.name.c_str());
            values[tensor.input ? 0 : 1].push_back(value);
        }
        if (failure.empty()) {
            failure = ort.call<void*, void*, char const* const*, void* const*, std::size_t, char const* const*,
                    std::size_t, void**>(9, session_, nullptr, names[0].data(), values[0].data(), values[0].size(),
                    names[1].data(), names[1].size(), values[1].data());
        }
        for (auto const& side : values) {
            for (void* value : side) {
                ort.release(96, value);
            }
        }
        return failure;
    }

private:
    std::vector<onnx::Tensor> tensors_;
    void* session_ = nullptr;
    std::string failure_;
};

}  // namespace

int64_t rowOf(onnx::Tensor const& tensor) {
    int64_t values = 1;
    for (int i = 1; i < tensor.dims.nbDims; i++) {
        values *= tensor.dims.d[i];
    }
    return values;
}

std::shared_ptr<Model> Model::of(Plan const& plan) {
    if (told().has("onnxruntime")) {
        return std::make_shared<OrtModel>(plan);
    }
    return std::make_shared<FirstByte>(plan);
}

}  // namespace nvinfer1
