// TensorRT's side of its logger.
#pragma once

#include "interfaces.h"

#include <string>

namespace nvinfer1 {

/// The one that the last runtime or builder was made with.
inline ILogger*& logger() {
    static ILogger* last = nullptr;
    return last;
}

inline void tell(ILogger::Severity severity, std::string const& message) {
    if (logger() != nullptr) {
        logger()->log(severity, message.c_str());
    }
}

/// Says why, and gives false.
inline bool refuse(std::string const& message) {
    tell(ILogger::Severity::kERROR, message);
    return false;
}

inline bool usage(std::string const& call, std::string const& message) {
    return refuse(call + ": Error Code 3: API Usage Error (Parameter check failed, " + message + ")");
}

}  // namespace nvinfer1
