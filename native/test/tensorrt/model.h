// Computes what a plan's ONNX file says.
#pragma once

#include "plan.h"

#include <map>
#include <memory>

namespace nvinfer1 {

/// Where the tensors of a batch are.
using Addresses = std::map<std::string, void*>;

class Model {
public:
    virtual ~Model() = default;
    /// Any thread. An empty text, or why it failed.
    virtual std::string run(int64_t rows, Addresses const& addresses) = 0;

    /// With ONNX Runtime where FAKE_TENSORRT names it. Otherwise each row of each output is filled with
    /// the first byte of the row of the first input.
    static std::shared_ptr<Model> of(Plan const& plan);
};

/// How many values a row has.
int64_t rowOf(onnx::Tensor const& tensor);

}  // namespace nvinfer1
