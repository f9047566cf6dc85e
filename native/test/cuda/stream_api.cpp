// The functions of CUDA on streams, and how work that computes gets into one.
#include "stream.h"

#include "api.h"

#include <chrono>

namespace fake {

void runAs(int code, std::function<void()> const& run) {
    if (code == kSuccess) {
        std::this_thread::sleep_for(std::chrono::milliseconds(computeMillis()));
        run();
        return;
    }
    while (code == kHang && lost() == kSuccess) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    if (code != kHang) {
        failAsynchronously(code);
    }
}

int compute(void* handle, char const* call, std::function<void()> run, std::vector<Place> const& places) {
    FAKE_BEGIN(call);
    std::shared_ptr<Stream> stream = currentStreamOf(handle, call);
    if (stream == nullptr) {
        return kInvalidHandle;
    }
    std::vector<Use> uses;
    for (Place const& place : places) {
        std::shared_ptr<Block> const block = blockAt(place.address);
        auto const offset = reinterpret_cast<std::uintptr_t>(place.address) - (block == nullptr ? 0 : block->start);
        if (block == nullptr || !block->onDevice || offset + place.bytes > block->bytes) {
            run = [] { lose(kIllegalAddress); };
        } else {
            uses.push_back({block, place});
        }
    }
    int const code = stream->capturing() ? kSuccess : nextCompute();
    stream->add({[=] { runAs(code, run); }, uses});
    return kSuccess;
}

}  // namespace fake

using namespace fake;

extern "C" {

int cudaStreamCreateWithFlags(void** stream, unsigned flags) {
    FAKE_BEGIN("cudaStreamCreateWithFlags");
    if ((flags & 1) == 0) {
        fault("a stream that waits for the default one");
    }
    *stream = makeStream();
    return kSuccess;
}

int cudaStreamSynchronize(void* handle) {
    FAKE_BEGIN("cudaStreamSynchronize");
    std::shared_ptr<Stream> const stream = streamOf(handle, "cudaStreamSynchronize");
    if (stream == nullptr) {
        return kInvalidHandle;
    }
    if (int const refused = refusedByCapture(*stream)) {
        return refused;
    }
    if (int const refused = forbidden()) {
        return refused;
    }
    stream->wait();
    return fail(takeAsynchronous());
}

int cudaStreamQuery(void* handle) {
    FAKE_BEGIN("cudaStreamQuery");
    std::shared_ptr<Stream> const stream = streamOf(handle, "cudaStreamQuery");
    if (stream == nullptr) {
        return kInvalidHandle;
    }
    if (int const refused = refusedByCapture(*stream)) {
        return refused;
    }
    stream->demand();
    return stream->idle() ? fail(takeAsynchronous()) : static_cast<int>(kNotReady);
}

int cudaStreamDestroy(void* handle) {
    FAKE_BEGIN("cudaStreamDestroy");
    std::shared_ptr<Stream> const stream = removeStream(handle, "cudaStreamDestroy");
    if (stream == nullptr) {
        return fail(kInvalidHandle);
    }
    if (stream->capturing()) {
        fault("a stream is destroyed while it is captured");
    }
    stream->end();
    return kSuccess;
}

int cudaDeviceSynchronize() {
    FAKE_BEGIN("cudaDeviceSynchronize");
    if (int const refused = forbidden()) {
        return refused;
    }
    eachStream([](Stream& stream) {
        if (stream.device == device() && !stream.capturing()) {
            stream.wait();
        }
    });
    return fail(takeAsynchronous());
}

int cudaLaunchHostFunc(void* handle, void (*function)(void*), void* argument) {
    FAKE_BEGIN("cudaLaunchHostFunc");
    std::shared_ptr<Stream> const stream = streamOf(handle, "cudaLaunchHostFunc");
    if (stream == nullptr) {
        return kInvalidHandle;
    }
    stream->add({[=] { function(argument); }});
    return kSuccess;
}
}
