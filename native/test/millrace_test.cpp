// The library against objects like TensorRT's: a table of virtual functions whose first is the
// destructor, members that own memory, and classes that the library has never heard of.
#include "millrace.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace {

std::vector<std::string> deleted;

void expect(bool holds, char const* what) {
    if (!holds) {
        std::fprintf(stderr, "failed: %s\n", what);
        std::exit(1);
    }
}

class NoCopy {
public:
    NoCopy() = default;
    NoCopy(NoCopy const&) = delete;
    NoCopy& operator=(NoCopy const&) = delete;
    virtual ~NoCopy() noexcept = default;
};

// As TensorRT's interfaces are built: a handle that owns the implementation.
class Thing : public NoCopy {
public:
    explicit Thing(std::string name) : name_(std::make_unique<std::string>(std::move(name))) {}
    ~Thing() noexcept override { deleted.push_back(*name_); }
    virtual int answer() const noexcept { return 42; }

private:
    std::unique_ptr<std::string> name_;
};

class LargerThing final : public Thing {
public:
    explicit LargerThing(std::string name) : Thing(std::move(name)), buffer_(1 << 16) {}
    int answer() const noexcept override { return static_cast<int>(buffer_.size()); }

private:
    std::vector<char> buffer_;
};

}  // namespace

int main() {
    expect(millrace_abi_version() == MILLRACE_ABI_VERSION, "the version is the header's");

    millrace_delete_object(nullptr);
    expect(deleted.empty(), "nothing is deleted for null");

    millrace_delete_object(static_cast<void*>(new LargerThing("context")));
    millrace_delete_object(static_cast<void*>(new Thing("engine")));
    millrace_delete_object(static_cast<void*>(new Thing("runtime")));
    expect((deleted == std::vector<std::string>{"context", "engine", "runtime"}),
           "each object's own destructor ran once, in order");
    std::puts("ok");
    return 0;
}
