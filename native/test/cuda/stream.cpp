#include "stream.h"

#include "api.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

namespace fake {
namespace {

Registry<Stream>& streams() {
    static auto* all = new Registry<Stream>("a stream");
    return *all;
}

std::shared_ptr<Stream> legacy(int device) {
    static auto* all = new std::map<int, std::shared_ptr<Stream>>;
    static std::mutex lock;
    std::lock_guard<std::mutex> guard(lock);
    std::shared_ptr<Stream>& stream = (*all)[device];
    if (stream == nullptr) {
        stream = std::make_shared<Stream>(device, true);
        stream->start();
    }
    return stream;
}

bool isLegacy(void* handle) {
    return handle == nullptr || handle == reinterpret_cast<void*>(1);
}

constexpr auto kLate = std::chrono::milliseconds(30);

}  // namespace

void Stream::start() {
    std::thread([self = shared_from_this()] { self->run(); }).detach();
}

void Stream::add(Task task) {
    std::lock_guard<std::mutex> guard(mutex_);
    if (capturing_) {
        if (captor_ != std::this_thread::get_id()) {
            fault("work of another thread goes into the graph that a stream is captured for");
        }
        captured_.push_back(std::move(task));
        return;
    }
    task.number = ++given_;
    for (Use const& use : task.uses) {
        if (!use.block->begin(this, task.number, seen_, use.place)) {
            fault("two streams use the same memory, one of them writes, and nothing puts them in order");
        }
    }
    queue_.push_back(std::move(task));
    changed_.notify_all();
}

Seen Stream::seen() {
    std::lock_guard<std::mutex> guard(mutex_);
    Seen all = seen_;
    all[this] = given_;
    return all;
}

void Stream::see(Seen const& others) {
    std::lock_guard<std::mutex> guard(mutex_);
    for (auto const& [stream, number] : others) {
        seen_[stream] = std::max(seen_[stream], number);
    }
}

void Stream::wait() {
    std::unique_lock<std::mutex> guard(mutex_);
    demanded_ = true;
    changed_.notify_all();
    changed_.wait(guard, [this] { return queue_.empty() && !busy_; });
}

bool Stream::idle() {
    std::lock_guard<std::mutex> guard(mutex_);
    return queue_.empty() && !busy_;
}

void Stream::demand() {
    std::lock_guard<std::mutex> guard(mutex_);
    demanded_ = true;
    changed_.notify_all();
}

void Stream::end() {
    std::lock_guard<std::mutex> guard(mutex_);
    ended_ = true;
    demanded_ = true;
    changed_.notify_all();
}

void Stream::run() {
    std::unique_lock<std::mutex> guard(mutex_);
    while (true) {
        changed_.wait(guard, [this] { return ended_ || !queue_.empty(); });
        if (queue_.empty()) {
            return;
        }
        Task task = std::move(queue_.front());
        queue_.pop_front();
        busy_ = true;
        if (task.late) {
            changed_.wait_for(guard, kLate, [this] { return demanded_; });
        }
        guard.unlock();
        execute(task);
        task = {};
        guard.lock();
        busy_ = false;
        demanded_ = demanded_ && !queue_.empty();
        changed_.notify_all();
    }
}

void Stream::execute(Task& task) {
    if (lost() == kSuccess || task.marks) {
        for (Use const& use : task.uses) {
            if (use.block->memsets > 0) {
                fault("work of a stream does not wait for the cudaMemset of its memory");
            }
        }
        task.run();
    }
    for (Use const& use : task.uses) {
        use.block->end(this, task.number);
    }
}

bool Stream::capturing() {
    std::lock_guard<std::mutex> guard(mutex_);
    return capturing_;
}

bool Stream::capturedBy(std::thread::id thread) {
    std::lock_guard<std::mutex> guard(mutex_);
    return capturing_ && captor_ == thread;
}

bool Stream::beginCapture(Mode mode) {
    std::lock_guard<std::mutex> guard(mutex_);
    if (capturing_) {
        return false;
    }
    capturing_ = true;
    invalid_ = false;
    mode_ = mode;
    captor_ = std::this_thread::get_id();
    return true;
}

void Stream::invalidate() {
    std::lock_guard<std::mutex> guard(mutex_);
    invalid_ = true;
}

int Stream::endCapture(std::vector<Task>& captured) {
    std::lock_guard<std::mutex> guard(mutex_);
    if (!capturing_) {
        return kIllegalState;
    }
    if (mode_ != Mode::kRelaxed && captor_ != std::this_thread::get_id()) {
        return kCaptureWrongThread;
    }
    capturing_ = false;
    captured = std::exchange(captured_, {});
    return invalid_ ? kCaptureInvalidated : kSuccess;
}

bool Stream::forbids(std::thread::id thread) {
    std::lock_guard<std::mutex> guard(mutex_);
    return capturing_ && (mode_ == Mode::kGlobal || (mode_ == Mode::kThreadLocal && captor_ == thread));
}

std::shared_ptr<Stream> streamOf(void* handle, char const* call) {
    if (isLegacy(handle)) {
        return legacy(device());
    }
    std::shared_ptr<Stream> stream = streams().find(static_cast<Stream*>(handle), call);
    if (stream == nullptr) {
        fail(kInvalidHandle);
    } else if (stream->device != device()) {
        fault(std::string(call) + " with a stream of device " + std::to_string(stream->device)
                + " by a thread whose device is " + std::to_string(device()));
    }
    return stream;
}

std::shared_ptr<Stream> currentStreamOf(void* handle, char const* call) {
    std::shared_ptr<Stream> stream = streamOf(handle, call);
    if (stream != nullptr && stream->device != device()) {
        fail(kInvalidHandle);
        return nullptr;
    }
    return stream;
}

int forbidden() {
    bool found = false;
    streams().each([&](Stream& stream) {
        if (stream.forbids(std::this_thread::get_id())) {
            stream.invalidate();
            found = true;
        }
    });
    return found ? fail(kCaptureUnsupported) : kSuccess;
}

int refusedByCapture(Stream& stream) {
    if (!stream.capturing()) {
        return kSuccess;
    }
    stream.invalidate();
    return fail(kCaptureUnsupported);
}

void eachStream(std::function<void(Stream&)> const& use) {
    for (int card = 0; card < deviceCount(); card++) {
        use(*legacy(card));
    }
    streams().each(use);
}

int streamsAlive() {
    return streams().alive();
}

void forgetStreams() {
    streams().each([](Stream& stream) { stream.end(); });
    streams().forget();
}

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
    auto made = std::make_shared<Stream>(device(), false);
    made->start();
    *stream = streams().add(made);
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
    std::shared_ptr<Stream> const stream = streams().remove(static_cast<Stream*>(handle), "cudaStreamDestroy");
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
