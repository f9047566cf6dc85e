// Kernels of PTX, of which the stand-in knows two by their names: spin takes one number of
// nanoseconds, and fault writes where nothing is.
#include "stream.h"

#include "api.h"

#include <chrono>
#include <cstring>

namespace fake {
namespace {

struct Library {
    std::string code;
};

struct Kernel {
    std::string name;
    std::shared_ptr<Library> library;
};

struct Dim3 {
    unsigned x, y, z;
};

struct LaunchConfig {
    Dim3 grid;
    Dim3 block;
    std::size_t sharedBytes;
    void* stream;
    void* attributes;
    unsigned attributeCount;
};

/// So many blocks leave no place on the card for another kernel.
constexpr unsigned kBlocksThatFill = 40;

Registry<Library>& libraries() {
    static auto* all = new Registry<Library>("a library of kernels");
    return *all;
}

Registry<Kernel>& kernels() {
    static auto* all = new Registry<Kernel>("a kernel");
    return *all;
}

/// The number behind a directive of PTX, with its parts as major * 10 + minor.
int directive(std::string const& code, std::string const& name) {
    auto const at = code.find(name);
    if (at == std::string::npos) {
        return 0;
    }
    char const* const text = code.c_str() + at + name.size();
    char* end;
    long const major = std::strtol(text, &end, 10);
    return static_cast<int>(*end == '.' ? major * 10 + std::strtol(end + 1, nullptr, 10) : major);
}

void spin(std::uint64_t nanoseconds, bool alone) {
    static std::mutex card;
    std::unique_lock<std::mutex> guard(card, std::defer_lock);
    if (alone) {
        guard.lock();
    }
    std::this_thread::sleep_for(std::chrono::nanoseconds(nanoseconds));
}

int launch(void const* handle, Dim3 grid, void** arguments, void* stream) {
    std::shared_ptr<Kernel> const kernel =
            kernels().find(static_cast<Kernel*>(const_cast<void*>(handle)), "cudaLaunchKernel");
    if (kernel == nullptr) {
        return fail(kInvalidHandle);
    }
    if (kernel->name == "fault") {
        return compute(stream, "cudaLaunchKernel", [] { lose(kIllegalAddress); }, {});
    }
    if (kernel->name == "spin") {
        std::uint64_t nanoseconds;
        std::memcpy(&nanoseconds, arguments[0], sizeof nanoseconds);
        bool const alone = grid.x * grid.y * grid.z >= kBlocksThatFill;
        return compute(stream, "cudaLaunchKernel", [=] { spin(nanoseconds, alone); }, {});
    }
    fault("the kernel " + kernel->name + " is not known here");
    return fail(kInvalidValue);
}

}  // namespace

int librariesAlive() {
    return libraries().alive();
}

void forgetLibraries() {
    libraries().forget();
    kernels().forget();
}

}  // namespace fake

using namespace fake;

extern "C" {

int cudaLibraryLoadData(Library** library, void const* code, int*, void**, unsigned, int*, void**, unsigned) {
    FAKE_BEGIN("cudaLibraryLoadData");
    auto made = std::make_shared<Library>();
    made->code = static_cast<char const*>(code);
    // PTX 9.1 is of CUDA 13.1, PTX 8.7 of 12.8.
    int const served = (driver() / 1000 - 4) * 10 + (driver() / 1000 < 13 ? 7 : driver() % 1000 / 10);
    int const version = directive(made->code, ".version ");
    if (version == 0) {
        return fail(200);
    }
    if (version > served) {
        return fail(kUnsupportedPtx);
    }
    if (directive(made->code, ".target sm_") > capability(device())) {
        return fail(kNoKernelForDevice);
    }
    *library = libraries().add(std::move(made));
    return kSuccess;
}

int cudaLibraryGetKernel(Kernel** kernel, Library* handle, char const* name) {
    FAKE_BEGIN("cudaLibraryGetKernel");
    std::shared_ptr<Library> const library = libraries().find(handle, "cudaLibraryGetKernel");
    if (library == nullptr) {
        return fail(kInvalidHandle);
    }
    if (library->code.find(".entry " + std::string(name) + "(") == std::string::npos
            && library->code.find(".entry " + std::string(name) + " (") == std::string::npos) {
        return fail(kSymbolNotFound);
    }
    auto made = std::make_shared<Kernel>();
    made->name = name;
    made->library = library;
    *kernel = kernels().add(std::move(made));
    return kSuccess;
}

int cudaLibraryUnload(Library* library) {
    FAKE_BEGIN("cudaLibraryUnload");
    return libraries().remove(library, "cudaLibraryUnload") == nullptr ? fail(kInvalidHandle)
                                                                        : static_cast<int>(kSuccess);
}

int cudaLaunchKernel(void const* kernel, Dim3 grid, Dim3, void** arguments, std::size_t, void* stream) {
    return launch(kernel, grid, arguments, stream);
}

int cudaLaunchKernelExC(LaunchConfig const* config, void const* kernel, void** arguments) {
    return launch(kernel, config->grid, arguments, config->stream);
}
}
