// Events: marks in a stream, with times unless they are made without.
#include "stream.h"

#include "api.h"

#include <chrono>

namespace fake {
namespace {

struct Event {
    Event(int device, bool timed) : device(device), timed(timed) {}

    int const device;
    bool const timed;
    std::mutex mutex;
    std::condition_variable changed;
    long long recorded = 0;
    long long completed = 0;
    bool captured = false;
    std::weak_ptr<Stream> stream;
    Seen seen;
    std::chrono::steady_clock::time_point time;
};

constexpr unsigned kDisableTiming = 2;

Registry<Event>& events() {
    static auto* all = new Registry<Event>("an event");
    return *all;
}

std::shared_ptr<Event> eventOf(Event* handle, char const* call) {
    std::shared_ptr<Event> event = events().find(handle, call);
    if (event == nullptr) {
        fail(kInvalidHandle);
    }
    return event;
}

/// What the stream of the event holds back begins now.
void demand(Event& event) {
    std::unique_lock<std::mutex> guard(event.mutex);
    std::shared_ptr<Stream> const stream = event.stream.lock();
    guard.unlock();
    if (stream != nullptr) {
        stream->demand();
    }
}

void wait(Event& event, long long recorded) {
    demand(event);
    std::unique_lock<std::mutex> guard(event.mutex);
    event.changed.wait(guard, [&] { return event.completed >= recorded; });
}

}  // namespace

int eventsAlive() {
    return events().alive();
}

void forgetEvents() {
    events().forget();
}

}  // namespace fake

using namespace fake;

extern "C" {

int cudaEventCreateWithFlags(Event** event, unsigned flags) {
    FAKE_BEGIN("cudaEventCreateWithFlags");
    *event = events().add(std::make_shared<Event>(device(), (flags & kDisableTiming) == 0));
    return kSuccess;
}

int cudaEventDestroy(Event* handle) {
    FAKE_BEGIN("cudaEventDestroy");
    return events().remove(handle, "cudaEventDestroy") == nullptr ? fail(kInvalidHandle) : static_cast<int>(kSuccess);
}

int cudaEventRecord(Event* handle, void* to) {
    FAKE_BEGIN("cudaEventRecord");
    std::shared_ptr<Event> const event = eventOf(handle, "cudaEventRecord");
    std::shared_ptr<Stream> const stream = streamOf(to, "cudaEventRecord");
    if (event == nullptr || stream == nullptr) {
        return kInvalidHandle;
    }
    if (event->device != stream->device) {
        return fail(kInvalidHandle);
    }
    long long recorded;
    {
        std::lock_guard<std::mutex> guard(event->mutex);
        event->captured = stream->capturing();
        if (event->captured) {
            return kSuccess;
        }
        if (event->completed < event->recorded) {
            fault("an event is recorded again before it has completed");
        }
        recorded = ++event->recorded;
        event->stream = stream;
        event->seen = stream->seen();
    }
    Task task{[=] {
        std::lock_guard<std::mutex> guard(event->mutex);
        event->completed = recorded;
        event->time = std::chrono::steady_clock::now();
        event->changed.notify_all();
    }};
    task.marks = true;
    stream->add(std::move(task));
    return kSuccess;
}

int cudaEventQuery(Event* handle) {
    FAKE_BEGIN("cudaEventQuery");
    std::shared_ptr<Event> const event = eventOf(handle, "cudaEventQuery");
    if (event == nullptr) {
        return kInvalidHandle;
    }
    if (int const refused = forbidden()) {
        return refused;
    }
    demand(*event);
    std::lock_guard<std::mutex> guard(event->mutex);
    if (event->captured) {
        return fail(kCapturedEvent);
    }
    return event->completed < event->recorded ? static_cast<int>(kNotReady) : fail(takeAsynchronous());
}

int cudaEventSynchronize(Event* handle) {
    FAKE_BEGIN("cudaEventSynchronize");
    std::shared_ptr<Event> const event = eventOf(handle, "cudaEventSynchronize");
    if (event == nullptr) {
        return kInvalidHandle;
    }
    if (int const refused = forbidden()) {
        return refused;
    }
    long long recorded;
    {
        std::lock_guard<std::mutex> guard(event->mutex);
        if (event->captured) {
            return fail(kCapturedEvent);
        }
        recorded = event->recorded;
    }
    wait(*event, recorded);
    return fail(takeAsynchronous());
}

int cudaEventElapsedTime(float* milliseconds, Event* from, Event* to) {
    FAKE_BEGIN("cudaEventElapsedTime");
    std::shared_ptr<Event> const start = eventOf(from, "cudaEventElapsedTime");
    std::shared_ptr<Event> const end = eventOf(to, "cudaEventElapsedTime");
    if (start == nullptr || end == nullptr) {
        return kInvalidHandle;
    }
    std::scoped_lock guard(start->mutex, end->mutex);
    if (!start->timed || !end->timed || start->recorded == 0 || end->recorded == 0 || start->device != end->device) {
        return fail(kInvalidHandle);
    }
    if (start->completed < start->recorded || end->completed < end->recorded) {
        return kNotReady;
    }
    *milliseconds = std::chrono::duration<float, std::milli>(end->time - start->time).count();
    return kSuccess;
}

int cudaStreamWaitEvent(void* handle, Event* of, unsigned) {
    FAKE_BEGIN("cudaStreamWaitEvent");
    std::shared_ptr<Stream> const stream = streamOf(handle, "cudaStreamWaitEvent");
    std::shared_ptr<Event> const event = eventOf(of, "cudaStreamWaitEvent");
    if (event == nullptr || stream == nullptr) {
        return kInvalidHandle;
    }
    long long recorded;
    {
        std::lock_guard<std::mutex> guard(event->mutex);
        // CUDA lets a stream join a capture so; nothing of ours does, and it is refused here.
        if (event->captured || stream->capturing()) {
            stream->invalidate();
            return fail(kCaptureIsolation);
        }
        recorded = event->recorded;
        stream->see(event->seen);
    }
    Task task{[=] { wait(*event, recorded); }};
    task.marks = true;
    stream->add(std::move(task));
    return kSuccess;
}
}
