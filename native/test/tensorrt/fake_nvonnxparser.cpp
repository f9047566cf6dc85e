// The ONNX parser as far as Millrace calls it: it reads every file but those named bad.onnx.
#include "stubs.h"

#include <cstring>

namespace {

class ParserError final : public nvonnxparser_stubs::IParserError {
public:
    char const* desc() const override { return "no importer\nand a second line"; }
    int node() const override { return 7; }
    char const* nodeName() const override { return "n7"; }
    char const* nodeOperator() const override { return "Foo"; }
};

class Parser final : public nvonnxparser_stubs::IParser {
public:
    bool parseFromFile(char const* file, int) noexcept override {
        failed_ = std::strstr(file, "bad.onnx") != nullptr;
        return !failed_;
    }
    int getNbErrors() const noexcept override { return failed_ ? 1 : 0; }
    nvonnxparser::IParserError const* getError(int) const noexcept override { return &error_; }

private:
    ParserError error_;
    bool failed_ = false;
};

}  // namespace

extern "C" void* createNvOnnxParser_INTERNAL(void*, void*, int) noexcept {
    return static_cast<nvonnxparser::IParser*>(new Parser);
}
