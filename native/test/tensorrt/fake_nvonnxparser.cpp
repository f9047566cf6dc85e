// The ONNX parser as far as Millrace calls it: it reads every model but those named bad.onnx.
#include "network.h"

#include <cstring>
#include <fstream>
#include <iterator>

namespace {

class ParserError final : public nvonnxparser::IParserError {
public:
    char const* desc() const override { return text.c_str(); }
    int node() const override { return node_; }
    char const* nodeName() const override { return node_ < 0 ? "" : "n7"; }
    char const* nodeOperator() const override { return node_ < 0 ? "" : "Foo"; }

    void set(std::string what, int node) {
        text = std::move(what);
        node_ = node;
    }

private:
    std::string text;
    int node_ = -1;
};

class Parser final : public nvonnxparser::IParser {
public:
    explicit Parser(nvinfer1::Network& network) : network_(network) {}

    bool parseFromFile(char const* file, int) noexcept override {
        std::ifstream stream(file, std::ios::binary);
        std::string bytes((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
        if (std::strstr(file, "bad.onnx") != nullptr) {
            error_.set("no importer\nand a second line", 7);
        } else if (!stream.is_open()) {
            error_.set(std::string("Failed to open file: ") + file, -1);
        } else if (!network_.parse(std::move(bytes))) {
            error_.set("Failed to parse the ONNX model.", -1);
        } else {
            return true;
        }
        failed_ = true;
        return false;
    }
    int getNbErrors() const noexcept override { return failed_ ? 1 : 0; }
    nvonnxparser::IParserError const* getError(int) const noexcept override { return &error_; }

private:
    nvinfer1::Network& network_;
    ParserError error_;
    bool failed_ = false;
};

}  // namespace

extern "C" void* createNvOnnxParser_INTERNAL(void* network, void*, int) noexcept {
    auto* const definition = static_cast<nvinfer1::INetworkDefinition*>(network);
    return static_cast<nvonnxparser::IParser*>(new Parser(*static_cast<nvinfer1::Network*>(definition)));
}
