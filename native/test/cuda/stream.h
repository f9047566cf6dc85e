// A stream of the stand-in: a thread that executes what it was given, in order, or keeps it for a
// graph while it is captured.
#pragma once

#include "memory.h"
#include "state.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace fake {

struct Task {
    std::function<void()> run;
    /// The memory that it reads or writes.
    std::vector<Use> uses{};
    /// It only marks a place, and so is executed on a lost device too.
    bool marks = false;
    /// A kernel that the real card may begin any time later: it begins when somebody waits for it.
    bool late = false;
    /// Its place in its stream.
    unsigned long long number = 0;
};

/// How strictly a capture forbids other calls, as cudaStreamBeginCapture takes it.
enum class Mode { kGlobal = 0, kThreadLocal = 1, kRelaxed = 2 };

class Stream : public std::enable_shared_from_this<Stream> {
public:
    Stream(int device, bool legacy) : device(device), legacy(legacy) {}

    int const device;
    /// The default stream, for which those that are made here do not wait.
    bool const legacy;

    void start();
    void add(Task task);
    /// How far it has come, and what it waited for.
    Seen seen();
    /// It waits for what another one has seen.
    void see(Seen const& others);
    /// Until all that it was given is done.
    void wait();
    bool idle();
    /// What is late begins now.
    void demand();
    /// The thread ends once it has done what it was given.
    void end();

    bool capturing();
    bool capturedBy(std::thread::id thread);
    bool beginCapture(Mode mode);
    /// The capture is worth nothing from now on.
    void invalidate();
    /// Ends the capture: a code, and what was captured.
    int endCapture(std::vector<Task>& captured);
    /// Whether a call that may wait for other work is forbidden to this thread.
    bool forbids(std::thread::id thread);

private:
    void run();
    void execute(Task& task);

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Task> queue_;
    std::vector<Task> captured_;
    std::thread::id captor_;
    Seen seen_;
    unsigned long long given_ = 0;
    Mode mode_ = Mode::kGlobal;
    bool capturing_ = false;
    bool invalid_ = false;
    bool busy_ = false;
    bool ended_ = false;
    unsigned long long demanded_ = 0;
};

Stream* makeStream();
/// Null where there is none of that handle.
std::shared_ptr<Stream> removeStream(void* handle, char const* call);
/// The stream of a handle: null is the legacy default one of the current device. Null with 400 kept
/// where there is none.
std::shared_ptr<Stream> streamOf(void* handle, char const* call);
/// The same for work that has to be of the current device, as kernels and graphs have.
std::shared_ptr<Stream> currentStreamOf(void* handle, char const* call);

/// A failure where a capture forbids this thread what may wait for other work; the capture is lost.
int forbidden();
/// A failure where the stream itself is captured.
int refusedByCapture(Stream& stream);

void eachStream(std::function<void(Stream&)> const& use);
int streamsAlive();
void forgetStreams();

/// A compute: counted, so that one can hang or fail. Memory that is not there is an illegal address.
int compute(void* stream, char const* call, std::function<void()> run, std::vector<Place> const& places);
/// What a compute of this code does instead of running.
void runAs(int code, std::function<void()> const& run);

}  // namespace fake
