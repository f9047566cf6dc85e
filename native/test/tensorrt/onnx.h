// What a stand-in reads of an ONNX file: the names, types and shapes of the graph's inputs and outputs.
// A few fields of the protocol buffer are enough for that, by their numbers in onnx.proto.
#pragma once

#include "interfaces.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace onnx {

struct Tensor {
    std::string name;
    bool input = false;
    nvinfer1::DataType type = nvinfer1::DataType::kFLOAT;
    /// -1 for a dimension that is open.
    nvinfer1::Dims dims{};
};

/// One field of a message: its number, and its bytes or its value.
struct Field {
    uint64_t number;
    std::string_view bytes;
    uint64_t value;
};

/// The fields of a message, one after another; ok is false where it is none.
class Fields {
public:
    explicit Fields(std::string_view message) : rest_(message) {}

    bool next(Field& field) {
        uint64_t key;
        if (rest_.empty() || !varint(key)) {
            return false;
        }
        field = {key >> 3, {}, 0};
        switch (key & 7) {
            case 0: return varint(field.value);
            case 1: return take(8, field.bytes);
            case 5: return take(4, field.bytes);
            case 2: return varint(field.value) && take(field.value, field.bytes);
            default: return ok = false;
        }
    }

    bool ok = true;

private:
    bool varint(uint64_t& value) {
        value = 0;
        for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
            auto const byte = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            value |= static_cast<uint64_t>(byte & 127) << shift;
            if (byte < 128) {
                return true;
            }
        }
        return ok = false;
    }

    bool take(uint64_t count, std::string_view& bytes) {
        if (count > rest_.size()) {
            return ok = false;
        }
        bytes = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return true;
    }

    std::string_view rest_;
};

template <typename F>
bool each(std::string_view message, F const& use) {
    Fields fields(message);
    Field field;
    while (fields.next(field)) {
        use(field);
    }
    return fields.ok;
}

inline nvinfer1::DataType typeOf(uint64_t onnx) {
    switch (onnx) {
        case 2: return nvinfer1::DataType::kUINT8;
        case 3: return nvinfer1::DataType::kINT8;
        case 6: return nvinfer1::DataType::kINT32;
        case 7: return nvinfer1::DataType::kINT64;
        case 9: return nvinfer1::DataType::kBOOL;
        case 10: return nvinfer1::DataType::kHALF;
        default: return nvinfer1::DataType::kFLOAT;
    }
}

inline std::size_t bytesOf(nvinfer1::DataType type) {
    switch (type) {
        case nvinfer1::DataType::kUINT8:
        case nvinfer1::DataType::kINT8:
        case nvinfer1::DataType::kBOOL: return 1;
        case nvinfer1::DataType::kHALF: return 2;
        case nvinfer1::DataType::kINT64: return 8;
        default: return 4;
    }
}

/// A ValueInfoProto.
inline Tensor tensor(std::string_view message, bool input) {
    Tensor tensor;
    tensor.input = input;
    each(message, [&](Field const& value) {
        if (value.number == 1) {
            tensor.name = value.bytes;
        } else if (value.number == 2) {
            each(value.bytes, [&](Field const& kind) {
                each(kind.bytes, [&](Field const& part) {
                    if (part.number == 1) {
                        tensor.type = typeOf(part.value);
                    } else if (part.number == 2) {
                        each(part.bytes, [&](Field const& dim) {
                            int64_t size = -1;
                            each(dim.bytes, [&](Field const& is) {
                                size = is.number == 1 ? static_cast<int64_t>(is.value) : size;
                            });
                            if (tensor.dims.nbDims < 8) {
                                tensor.dims.d[tensor.dims.nbDims++] = size;
                            }
                        });
                    }
                });
            });
        }
    });
    return tensor;
}

/// The inputs and outputs of a model, or nothing where the bytes are none.
inline std::optional<std::vector<Tensor>> read(std::string_view model) {
    std::vector<Tensor> tensors;
    std::set<std::string> weights;
    bool const ok = each(model, [&](Field const& field) {
        if (field.number == 7) {
            each(field.bytes, [&](Field const& part) {
                if (part.number == 5) {
                    each(part.bytes, [&](Field const& weight) {
                        if (weight.number == 8) {
                            weights.emplace(weight.bytes);
                        }
                    });
                } else if (part.number == 11 || part.number == 12) {
                    tensors.push_back(tensor(part.bytes, part.number == 11));
                }
            });
        }
    });
    std::vector<Tensor> kept;
    for (Tensor& each : tensors) {
        if (!each.input || weights.count(each.name) == 0) {
            kept.push_back(std::move(each));
        }
    }
    if (!ok || kept.empty()) {
        return std::nullopt;
    }
    return kept;
}

}  // namespace onnx
