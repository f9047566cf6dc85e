// What the stand-ins of TensorRT and of its parser share: the network, which is the ONNX file as it is.
#pragma once

#include "onnx.h"

#include "../fake_options.h"

#include <memory>

namespace nvinfer1 {

/// What FAKE_TENSORRT says.
inline fake::Options const& told() {
    static auto const* const options = new fake::Options(std::getenv("FAKE_TENSORRT"));
    return *options;
}

/// On standard output with FAKE_TENSORRT=say: what is asked and what is freed.
inline void say(std::string const& line) {
    if (told().has("say")) {
        std::printf("tensorrt: %s\n", line.c_str());
        std::fflush(stdout);
    }
}

inline std::string text(Dims const& dims) {
    std::string line;
    for (int i = 0; i < dims.nbDims; i++) {
        line += (i == 0 ? "" : "x") + std::to_string(dims.d[i]);
    }
    return line;
}

class Input final : public ITensor, public VTensor {
public:
    explicit Input(onnx::Tensor tensor) : tensor_(std::move(tensor)) { mImpl = this; }
    char const* getName() const noexcept override { return tensor_.name.c_str(); }
    Dims getDimensions() const noexcept override { return tensor_.dims; }

private:
    onnx::Tensor tensor_;
};

class Network final : public INetworkDefinition, public VNetworkDefinition {
public:
    explicit Network(bool stronglyTyped) : stronglyTyped(stronglyTyped) { mImpl = this; }
    ~Network() override { say("network freed"); }
    int32_t getNbInputs() const noexcept override { return static_cast<int32_t>(inputs_.size()); }
    ITensor* getInput(int32_t index) const noexcept override { return inputs_[static_cast<std::size_t>(index)].get(); }

    bool parse(std::string bytes) {
        auto read = onnx::read(bytes);
        if (!read) {
            return false;
        }
        file = std::move(bytes);
        tensors = std::move(*read);
        for (onnx::Tensor const& tensor : tensors) {
            if (tensor.input) {
                inputs_.push_back(std::make_unique<Input>(tensor));
            }
        }
        return true;
    }

    bool const stronglyTyped;
    std::string file;
    std::vector<onnx::Tensor> tensors;

private:
    std::vector<std::unique_ptr<Input>> inputs_;
};

}  // namespace nvinfer1
