// What the stand-in of the CUDA runtime knows of the whole process: the cards, the failures that a
// test asked for, whether the device is lost, and our own faults, which CUDA would not report.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace fake {

enum Code : int {
    kSuccess = 0,
    kInvalidValue = 1,
    kOutOfMemory = 2,
    kInvalidDevice = 101,
    kNoKernelForDevice = 209,
    kUnsupportedPtx = 222,
    kInvalidHandle = 400,
    kIllegalState = 401,
    kSymbolNotFound = 500,
    kNotReady = 600,
    kIllegalAddress = 700,
    kCaptureUnsupported = 900,
    kCaptureInvalidated = 901,
    kCaptureIsolation = 905,
    kCaptureImplicit = 906,
    kCapturedEvent = 907,
    kCaptureWrongThread = 908,
};

/// What a call fails with before it does anything: the failure that a test planned, or that of the
/// device that is lost. Every function but those on errors begins with it.
int begin(char const* call);

/// Keeps the code for cudaGetLastError of the calling thread.
int fail(int code);
/// The same, and with peek the code stays.
int lastError(bool peek);

/// One line on standard error, counted: what CUDA would not report and is wrong all the same.
void fault(std::string const& what);

/// From now on every call of the process fails with the code, if it is one that sticks.
void lose(int code);
int lost();
/// An asynchronous failure that the next call which waits reports, once.
int takeAsynchronous();

/// What a compute that is given to a stream now will do: 0 to run, a code to fail with, or kHang.
constexpr int kHang = -1;
int nextCompute();
/// Whether a compute never ends.
bool hangs();
/// So long takes a compute at least.
long long computeMillis();
/// What a stream does with that code.
void failAsynchronously(int code);

/// The current device of the calling thread, which is 0 where it never chose.
int device();
void choose(int device);
int deviceCount();
/// Compute capability, such as 75.
int capability(int device);
std::size_t memoryOf(int device);
int driver();

/// Takes bytes of a card, or says that there are not as many.
bool take(int device, std::size_t bytes);
void giveBack(int device, std::size_t bytes);
std::size_t taken(int device);

/// The objects of one kind by their handle. One that was destroyed is kept, so that its handle is
/// never given again and whoever still uses it is told.
template <typename T>
class Registry {
public:
    explicit Registry(char const* kind) : kind_(kind) {}

    T* add(std::shared_ptr<T> object) {
        std::lock_guard<std::mutex> guard(mutex_);
        T* handle = object.get();
        entries_[handle] = {std::move(object), true};
        ++alive_;
        return handle;
    }

    /// Null where there is none, after a line if there was one.
    std::shared_ptr<T> find(T* handle, char const* call) {
        std::lock_guard<std::mutex> guard(mutex_);
        auto const found = entries_.find(handle);
        if (found == entries_.end()) {
            return nullptr;
        }
        if (!found->second.alive) {
            fault(std::string(call) + " of " + kind_ + " that was destroyed");
            return nullptr;
        }
        return found->second.object;
    }

    std::shared_ptr<T> remove(T* handle, char const* call) {
        std::shared_ptr<T> object = find(handle, call);
        std::lock_guard<std::mutex> guard(mutex_);
        if (object != nullptr) {
            entries_[handle].alive = false;
            --alive_;
        }
        return object;
    }

    int alive() {
        std::lock_guard<std::mutex> guard(mutex_);
        return alive_;
    }

    /// What is left counts no more.
    void forget() {
        std::lock_guard<std::mutex> guard(mutex_);
        for (auto& entry : entries_) {
            entry.second.alive = false;
        }
        alive_ = 0;
    }

    template <typename F>
    void each(F const& use) {
        std::unique_lock<std::mutex> guard(mutex_);
        auto const copy = entries_;
        guard.unlock();
        for (auto const& entry : copy) {
            if (entry.second.alive) {
                use(*entry.second.object);
            }
        }
    }

private:
    struct Entry {
        std::shared_ptr<T> object;
        bool alive;
    };

    char const* const kind_;
    std::mutex mutex_;
    std::unordered_map<T*, Entry> entries_;
    int alive_ = 0;
};

}  // namespace fake

/// Leaves the function with the failure that was planned for its next call, or with the device's.
#define FAKE_BEGIN(call) \
    if (int const failure_ = fake::begin(call)) return failure_
