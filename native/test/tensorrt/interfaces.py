#!/usr/bin/env python3
"""Writes interfaces.h: of NVIDIA's headers what the stand-ins of TensorRT and its parser need.

    interfaces.py FOLDER > interfaces.h

FOLDER has NvInfer.h and its companions (`include` of TensorRT's repository) and NvOnnxParser.h (of
onnx-tensorrt). Every virtual function is there, in its order, since that order is what a caller and a
library agree on. One that the stand-ins do not have ends the process, so a call that nobody thought of
is found at once; it has no parameters here, which takes the types of them out.
"""
import pathlib
import re
import sys

FOLDER = pathlib.Path(sys.argv[1])

# The functions that a stand-in has, by interface.
USED = {
    "VHostMemory": "data size",
    "VRuntime": "getPImpl deserializeCudaEngine",
    "VOptimizationProfile": "setDimensions",
    "VCudaEngine": "getPImpl createExecutionContext getNbOptimizationProfiles createEngineInspector getTensorShape "
    "getTensorDataType getTensorIOMode getProfileShape getNbIOTensors getIOTensorName getDeviceMemorySizeV2 "
    "getEngineStat",
    "VExecutionContext": "getPImpl setInputShape setTensorAddress enqueueV3 setDeviceMemoryV2",
    "VEngineInspector": "getPImpl getEngineInformation",
    "VTensor": "getName getDimensions",
    "VNetworkDefinition": "getNbInputs getInput",
    "VBuilderConfig": "setMemoryPoolLimit setProfilingVerbosity addOptimizationProfile createTimingCache "
    "setTimingCache getTimingCache",
    "VTimingCache": "serialize",
    "VBuilder": "createBuilderConfig createNetworkV2 createOptimizationProfile buildSerializedNetwork",
    "IParser": "parseFromFile getNbErrors getError",
    "IParserError": "desc node nodeName nodeOperator",
}
ENUMS = (
    "DataType TensorIOMode OptProfileSelector LayerInformationFormat ExecutionContextAllocationStrategy "
    "MemoryPoolType ProfilingVerbosity NetworkDefinitionCreationFlag EngineStat"
)


def text(header):
    return re.sub(r"//[^\n]*", "", (FOLDER / header).read_text())


def tidy(words):
    words = re.sub(r"TRT_\w+(\(.*?\))?|nvinfer1::|=\s*nullptr", "", words)
    return " ".join(words.split()).replace("( ", "(")


def interface(source, name, base):
    body = re.search(r"class %s\b[^;{]*\{(.*?)\n\};" % name, source, re.S).group(1)
    lines, names = [], {}
    for words in re.findall(r"virtual\s+([^;{]*?)\s*(?:=\s*(?:0|default)\s*;|\{\s*\})", body, re.S):
        words = tidy(words)
        function = re.search(r"(~?\w+)\s*\(", words).group(1)
        if function.startswith("~"):
            lines.append(f"    virtual {function}() = default;")
            continue
        names[function] = names.get(function, 0) + 1
        if function in USED[name].split() and names[function] == 1:
            lines.append(f'    virtual {words} {{ unexpected("{name}::{function}"); }}')
        else:
            slot = function + (f"_{names[function]}" if names[function] > 1 else "")
            lines.append(f'    virtual void {slot}() {{ unexpected("{name}::{slot}"); }}')
    missing = set(USED[name].split()) - set(names)
    assert not missing, f"{name} has no {missing}"
    assert len(lines) == len(re.findall(r"\bvirtual\b", body)), name
    return f"class {name}{base} {{\npublic:\n" + "\n".join(lines) + "\n};\n"


def enum(source, name):
    body = re.search(r"enum class %s : int32_t\s*\{(.*?)\}" % name, source, re.S).group(1)
    values = ", ".join(re.sub(r"TRT_\w+", "", value).strip() for value in body.split(",") if value.strip())
    return f"enum class {name} : int32_t {{ {' '.join(values.split())} }};"


everything = "".join(text(h) for h in ("NvInferRuntimeBase.h", "NvInferRuntime.h", "NvInfer.h"))
implementation = text("NvInferImpl.h")
parser = text("NvOnnxParser.h")
version = dict(re.findall(r"#define TRT_(MAJOR|MINOR|PATCH|BUILD)_ENTERPRISE (\d+)", text("NvInferVersion.h")))
severity = re.search(r"enum class Severity : int32_t\s*\{(.*?)\}", everything, re.S).group(1)
dotted = "{MAJOR}.{MINOR}.{PATCH}".format(**version)

print(f"""// SPDX-FileCopyrightText: Copyright (c) 1993-2025 NVIDIA CORPORATION & AFFILIATES. All rights reserved.
// SPDX-License-Identifier: Apache-2.0
//
// Interfaces of TensorRT {dotted} and of its ONNX parser, cut down from NVIDIA's headers by interfaces.py
// beside this file, whose first lines say how to make it anew. Not to be edited by hand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#define NV_TENSORRT_MAJOR {version["MAJOR"]}
#define NV_TENSORRT_MINOR {version["MINOR"]}
#define NV_TENSORRT_PATCH {version["PATCH"]}
#define NV_TENSORRT_BUILD {version["BUILD"]}

struct CUstream_st;
using cudaStream_t = CUstream_st*;

[[noreturn]] inline void unexpected(char const* function) {{
    std::fprintf(stderr, "unexpected: %s\\n", function);
    std::abort();
}}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"

namespace nvinfer1 {{

using NetworkDefinitionCreationFlags = uint32_t;

struct Dims {{
    int32_t nbDims;
    int64_t d[8];
}};
""")
for name in ENUMS.split():
    print(enum(everything, name))
print(f"""
class ILogger {{
public:
    enum class Severity : int32_t {{ {tidy(severity).rstrip(",")} }};
    virtual void log(Severity severity, char const* message) noexcept = 0;
    virtual ~ILogger() = default;
}};

class INoCopy {{
protected:
    virtual ~INoCopy() = default;
}};
""")
internal = [name for name in USED if name.startswith("V")]
for name in internal:
    print(f"class {name};\nclass I{name[1:]};")
print("\nclass VRoot {\npublic:\n    virtual ~VRoot() noexcept = default;\n};\n")
for name in internal:
    print(interface(implementation, name, " : public VRoot"))
for name in internal:
    print(f"class I{name[1:]} : public INoCopy {{\nprotected:\n    {name}* mImpl;\n}};")
print("\n}  // namespace nvinfer1\n\nnamespace nvonnxparser {\n")
print(interface(parser, "IParserError", ""))
print(interface(parser, "IParser", ""))
print("}  // namespace nvonnxparser\n\n#pragma GCC diagnostic pop")
