#!/usr/bin/env python3
"""Writes, for each of TensorRT's internal interfaces, a class whose functions all end the process.

The stand-ins override the few that are expected, so a call that nobody thought of is found at once.

    stubs.py INCLUDE_FOLDER > stubs.h
"""
import pathlib
import re
import sys

# By header: the namespaces that are used in it, the last of which has the interfaces.
INTERFACES = {
    "NvInferImpl.h": (["nvinfer1", "nvinfer1::apiv"], [
        "VRuntime", "VCudaEngine", "VExecutionContext", "VEngineInspector", "VHostMemory", "VBuilder",
        "VNetworkDefinition", "VBuilderConfig", "VOptimizationProfile", "VTensor", "VTimingCache",
    ]),
    "NvOnnxParser.h": (["nvonnxparser"], ["IParser", "IParserError"]),
}


def functions(source, interface):
    body = re.search(r"class %s\b[^;{]*\{(.*?)\n\};" % interface, source, re.S).group(1)
    for declaration in re.findall(r"virtual\s+([^;~]*?)=\s*0;", re.sub(r"//.*", "", body), re.S):
        words = re.sub(r"TRT_\w+|=\s*nullptr", "", " ".join(declaration.split()))
        yield words.strip(), re.search(r"(\w+)\s*\(", words).group(1)


print('#include "NvInfer.h"\n#include "NvOnnxParser.h"\n#include <cstdio>\n#include <cstdlib>')
for header, (space, interfaces) in INTERFACES.items():
    text = (pathlib.Path(sys.argv[1]) / header).read_text()
    # One namespace for each of theirs, which have names in common.
    print(f"\nnamespace {space[0]}_stubs {{")
    for used in space:
        print(f"using namespace {used};")
    for interface in interfaces:
        print(f"\nclass {interface} : public {space[-1]}::{interface} {{\npublic:")
        for declaration, name in functions(text, interface):
            print(f"    {declaration} override {{")
            print(f'        std::fputs("unexpected: {interface}::{name}\\n", stderr);')
            print("        std::abort();\n    }")
        print("};")
    print(f"\n}}  // namespace {space[0]}_stubs")
