// The CUDA runtime as far as Millrace calls it, on the CPU: a stream is a thread with a queue, a copy
// reads its source when it is executed, an event completes after the work before it. So the Java side
// is tested on everything but the arithmetic. fake_fail(call, code) makes the next such call fail.
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

constexpr int kSuccess = 0;
constexpr int kInvalidValue = 1;
constexpr int kOutOfMemory = 2;
constexpr int kNotReady = 600;
constexpr std::size_t kDeviceBytes = std::size_t{1} << 30;
constexpr std::size_t kPage = 4096;

std::mutex lock;
std::map<std::string, int> failures;
int alive = 0;
int pendingError = kSuccess;
thread_local int currentDevice = 0;

// Takes the failure that was asked for.
int code(char const* call) {
    std::lock_guard<std::mutex> guard(lock);
    auto found = failures.find(call);
    if (found == failures.end()) {
        return kSuccess;
    }
    int failure = found->second;
    failures.erase(found);
    pendingError = failure;
    return failure;
}

void count(int change) {
    std::lock_guard<std::mutex> guard(lock);
    alive += change;
}

class Stream {
public:
    Stream() : thread_([this] { run(); }) {}

    ~Stream() {
        add([this] { ended_ = true; });
        thread_.join();
    }

    void add(std::function<void()> work) {
        std::lock_guard<std::mutex> guard(mutex_);
        if (capturing_) {
            captured_.push_back(std::move(work));
            return;
        }
        queue_.push_back(std::move(work));
        changed_.notify_all();
    }

    void beginCapture() {
        std::lock_guard<std::mutex> guard(mutex_);
        capturing_ = true;
    }

    std::vector<std::function<void()>> endCapture() {
        std::lock_guard<std::mutex> guard(mutex_);
        capturing_ = false;
        return std::exchange(captured_, {});
    }

    void synchronize() {
        std::unique_lock<std::mutex> guard(mutex_);
        changed_.wait(guard, [this] { return queue_.empty() && !busy_; });
    }

private:
    void run() {
        std::unique_lock<std::mutex> guard(mutex_);
        while (!ended_) {
            changed_.wait(guard, [this] { return !queue_.empty(); });
            std::function<void()> work = std::move(queue_.front());
            queue_.pop_front();
            busy_ = true;
            guard.unlock();
            work();
            guard.lock();
            busy_ = false;
            changed_.notify_all();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> queue_;
    std::vector<std::function<void()>> captured_;
    bool capturing_ = false;
    bool busy_ = false;
    bool ended_ = false;
    std::thread thread_;
};

struct Event {
    std::mutex mutex;
    std::condition_variable changed;
    int pending = 0;
};

}  // namespace

extern "C" {

void fake_fail(char const* call, int failure) {
    std::lock_guard<std::mutex> guard(lock);
    failures[call] = failure;
}

// Blocks, streams and events that nobody has freed yet.
int fake_alive() {
    std::lock_guard<std::mutex> guard(lock);
    return alive;
}

int cudaSetDevice(int device) {
    currentDevice = device;
    return device == 0 ? code("cudaSetDevice") : 101;
}

int cudaSetDeviceFlags(unsigned) {
    return code("cudaSetDeviceFlags");
}

int cudaRuntimeGetVersion(int* version) {
    *version = 13010;
    return kSuccess;
}

int cudaGetLastError() {
    std::lock_guard<std::mutex> guard(lock);
    int error = pendingError;
    pendingError = kSuccess;
    return error;
}

char const* cudaGetErrorName(int error) {
    switch (error) {
        case kInvalidValue: return "cudaErrorInvalidValue";
        case kOutOfMemory: return "cudaErrorMemoryAllocation";
        case 700: return "cudaErrorIllegalAddress";
        default: return "cudaErrorUnknown";
    }
}

char const* cudaGetErrorString(int error) {
    return error == kOutOfMemory ? "out of memory" : "something happened";
}

int cudaDeviceGetPCIBusId(char* bus, int length, int) {
    std::strncpy(bus, "0000:00:1E.0", static_cast<std::size_t>(length));
    return kSuccess;
}

int cudaMemGetInfo(std::size_t* free, std::size_t* total) {
    *free = kDeviceBytes / 2;
    *total = kDeviceBytes;
    return kSuccess;
}

int cudaHostAlloc(void** memory, std::size_t bytes, unsigned) {
    if (int failure = code("cudaHostAlloc")) {
        return failure;
    }
    *memory = std::aligned_alloc(kPage, (bytes + kPage - 1) / kPage * kPage);
    // What page-locked memory holds at first is not defined.
    std::memset(*memory, 0x5a, bytes);
    count(1);
    return kSuccess;
}

int cudaFreeHost(void* memory) {
    std::free(memory);
    count(-1);
    return kSuccess;
}

int cudaMalloc(void** memory, std::size_t bytes) {
    if (int failure = code("cudaMalloc")) {
        return failure;
    }
    if (bytes > kDeviceBytes) {
        return kOutOfMemory;
    }
    *memory = std::malloc(bytes);
    count(1);
    return kSuccess;
}

int cudaFree(void* memory) {
    std::free(memory);
    count(-1);
    return kSuccess;
}

int cudaMemset(void* memory, int value, std::size_t bytes) {
    if (int failure = code("cudaMemset")) {
        return failure;
    }
    std::memset(memory, value, bytes);
    return kSuccess;
}

int cudaStreamCreateWithFlags(Stream** stream, unsigned) {
    *stream = new Stream;
    count(1);
    return kSuccess;
}

int cudaStreamSynchronize(Stream* stream) {
    stream->synchronize();
    return code("cudaStreamSynchronize");
}

int cudaStreamDestroy(Stream* stream) {
    delete stream;
    count(-1);
    return kSuccess;
}

int cudaMemcpyAsync(void* to, void const* from, std::size_t bytes, int, Stream* stream) {
    if (int failure = code("cudaMemcpyAsync")) {
        return failure;
    }
    stream->add([=] { std::memcpy(to, from, bytes); });
    return kSuccess;
}

int cudaLaunchHostFunc(Stream* stream, void (*function)(void*), void* argument) {
    stream->add([=] { function(argument); });
    return kSuccess;
}

int cudaEventCreateWithFlags(Event** event, unsigned) {
    *event = new Event;
    count(1);
    return kSuccess;
}

int cudaEventDestroy(Event* event) {
    delete event;
    count(-1);
    return kSuccess;
}

int cudaEventRecord(Event* event, Stream* stream) {
    {
        std::lock_guard<std::mutex> guard(event->mutex);
        ++event->pending;
    }
    stream->add([event] {
        std::lock_guard<std::mutex> guard(event->mutex);
        --event->pending;
        event->changed.notify_all();
    });
    return kSuccess;
}

int cudaEventQuery(Event* event) {
    if (int failure = code("cudaEventQuery")) {
        return failure;
    }
    std::lock_guard<std::mutex> guard(event->mutex);
    return event->pending == 0 ? kSuccess : kNotReady;
}

int cudaEventSynchronize(Event* event) {
    {
        std::unique_lock<std::mutex> guard(event->mutex);
        event->changed.wait(guard, [event] { return event->pending == 0; });
    }
    return code("cudaEventSynchronize");
}

// A graph is the list of what was given to the stream meanwhile.
using Graph = std::vector<std::function<void()>>;

int cudaStreamBeginCapture(Stream* stream, int) {
    if (int failure = code("cudaStreamBeginCapture")) {
        return failure;
    }
    stream->beginCapture();
    return kSuccess;
}

int cudaStreamEndCapture(Stream* stream, Graph** graph) {
    *graph = new Graph(stream->endCapture());
    count(1);
    return code("cudaStreamEndCapture");
}

int cudaGraphInstantiateWithFlags(Graph** executable, Graph* graph, unsigned long long) {
    if (int failure = code("cudaGraphInstantiateWithFlags")) {
        return failure;
    }
    *executable = new Graph(*graph);
    count(1);
    return kSuccess;
}

int cudaGraphLaunch(Graph* executable, Stream* stream) {
    for (std::function<void()> const& work : *executable) {
        stream->add(work);
    }
    return kSuccess;
}

int cudaGraphExecDestroy(Graph* executable) {
    delete executable;
    count(-1);
    return kSuccess;
}

int cudaGraphDestroy(Graph* graph) {
    return cudaGraphExecDestroy(graph);
}
}
