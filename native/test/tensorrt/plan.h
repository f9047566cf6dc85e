// A plan of the stand-in: a line that says what it was built for, and the ONNX file.
#pragma once

#include "onnx.h"

#include <sstream>

namespace nvinfer1 {

struct Plan {
    std::string version;
    int capability = 0;
    /// Rows of the optimisation profile.
    int64_t min = 0;
    int64_t opt = 0;
    int64_t max = 0;
    std::string file;
    std::vector<onnx::Tensor> tensors;

    std::string write() const {
        std::ostringstream line;
        line << "PLAN " << version << ' ' << capability << ' ' << min << ' ' << opt << ' ' << max << ' ' << file.size()
             << '\n';
        return line.str() + file;
    }

    /// Reads it, or says as TensorRT does why not.
    std::string read(std::string const& bytes) {
        std::istringstream line(bytes.substr(0, bytes.find('\n')));
        std::string magic;
        std::size_t size = 0;
        line >> magic >> version >> capability >> min >> opt >> max >> size;
        if (magic != "PLAN" || !line) {
            return "IRuntime::deserializeCudaEngine: Error Code 1: Serialization (Serialization assertion magicTagRead == "
                   "kMAGIC_TAG failed.Magic tag does not match)";
        }
        file = bytes.substr(bytes.find('\n') + 1);
        auto read = onnx::read(file);
        if (file.size() != size || !read) {
            return "IRuntime::deserializeCudaEngine: Error Code 1: Serialization (Serialization assertion sizeRead == "
                   "static_cast<uint64_t>(mEnd - mCurrent) failed.Size specified in header does not match archive size)";
        }
        tensors = std::move(*read);
        return "";
    }

    onnx::Tensor const* find(std::string const& name) const {
        for (onnx::Tensor const& tensor : tensors) {
            if (tensor.name == name) {
                return &tensor;
            }
        }
        return nullptr;
    }
};

/// The version of this TensorRT as a plan holds it.
inline std::string versionOf() {
    return std::to_string(NV_TENSORRT_MAJOR) + "." + std::to_string(NV_TENSORRT_MINOR) + "."
            + std::to_string(NV_TENSORRT_PATCH) + "." + std::to_string(NV_TENSORRT_BUILD);
}

}  // namespace nvinfer1
