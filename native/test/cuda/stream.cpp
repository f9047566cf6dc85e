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

constexpr auto kLate = std::chrono::milliseconds(500);

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
    demanded_ = given_;
    changed_.notify_all();
    changed_.wait(guard, [this] { return queue_.empty() && !busy_; });
}

bool Stream::idle() {
    std::lock_guard<std::mutex> guard(mutex_);
    return queue_.empty() && !busy_;
}

void Stream::demand() {
    std::lock_guard<std::mutex> guard(mutex_);
    demanded_ = given_;
    changed_.notify_all();
}

void Stream::end() {
    std::lock_guard<std::mutex> guard(mutex_);
    ended_ = true;
    demanded_ = given_;
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
            changed_.wait_for(guard, kLate, [&] { return demanded_ >= task.number; });
        }
        guard.unlock();
        execute(task);
        task = {};
        guard.lock();
        busy_ = false;
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

Stream* makeStream() {
    auto made = std::make_shared<Stream>(device(), false);
    made->start();
    return streams().add(made);
}

std::shared_ptr<Stream> removeStream(void* handle, char const* call) {
    return streams().remove(static_cast<Stream*>(handle), call);
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

}  // namespace fake
