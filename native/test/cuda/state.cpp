#include "state.h"

#include "../fake_options.h"
#include "api.h"

#include <atomic>
#include <cstdio>
#include <map>
#include <set>
#include <vector>

namespace fake {
namespace {

struct Plan {
    int code;
    long long at;
};

struct State {
    explicit State(char const* told)
        : options(told), cards(options.cards()), used(cards.size()), hangAt(options.number("launch-hang", 0)) {
        for (std::string const& call : Options::split(options.text("call-fail"), ',')) {
            auto const colon = call.find(':');
            plans[call.substr(0, colon)] = plan(call.substr(colon + 1));
        }
        if (options.has("launch-fail")) {
            failure = plan(options.text("launch-fail"));
        }
    }

    static Plan plan(std::string const& text) {
        auto const at = text.find('@');
        return {std::stoi(text), at == std::string::npos ? 1 : std::stoll(text.substr(at + 1))};
    }

    Options options;
    std::vector<int> cards;
    std::vector<std::size_t> used;
    std::map<std::string, Plan> plans;
    std::map<std::string, long long> calls;
    Plan failure{0, 0};
    long long hangAt;
    long long computes = 0;
    int asynchronous = kSuccess;
    int faults = 0;
};

std::mutex lock;
std::atomic<int> lostWith{kSuccess};
thread_local int currentDevice = 0;
thread_local int threadError = kSuccess;

// Never freed, since threads of streams use it until the process is gone.
State*& state() {
    static State* current = new State(std::getenv("FAKE_CUDA"));
    return current;
}

std::set<int> const kSticky{3,   4,   35,  46,  100, 127, 201, 214, 220, 226, 700, 702, 709, 710,
                            714, 715, 716, 717, 718, 719, 721, 802, 806, 810, 911, 999};

}  // namespace

int begin(char const* call) {
    std::unique_lock<std::mutex> guard(lock);
    State& now = *state();
    auto const plan = now.plans.find(call);
    if (plan != now.plans.end() && ++now.calls[call] == plan->second.at) {
        int const code = plan->second.code;
        now.plans.erase(plan);
        guard.unlock();
        lose(code);
        return fail(code);
    }
    return lostWith == kSuccess ? kSuccess : fail(lostWith);
}

int fail(int code) {
    if (code != kSuccess && code != kNotReady) {
        threadError = code;
    }
    return code;
}

int lastError(bool peek) {
    if (lostWith != kSuccess) {
        return lostWith;
    }
    int const code = threadError;
    if (!peek) {
        threadError = kSuccess;
    }
    return code;
}

void fault(std::string const& what) {
    {
        std::lock_guard<std::mutex> guard(lock);
        ++state()->faults;
    }
    std::fprintf(stderr, "fake_cuda: FAULT %s\n", what.c_str());
    std::fflush(stderr);
}

void lose(int code) {
    std::lock_guard<std::mutex> guard(lock);
    if (kSticky.count(code) != 0 && lostWith == kSuccess) {
        lostWith = code;
    }
}

int lost() {
    return lostWith;
}

int takeAsynchronous() {
    std::lock_guard<std::mutex> guard(lock);
    int const code = state()->asynchronous;
    state()->asynchronous = kSuccess;
    return lostWith == kSuccess ? code : lostWith.load();
}

int nextCompute() {
    std::lock_guard<std::mutex> guard(lock);
    State& now = *state();
    ++now.computes;
    if (now.hangAt > 0 && now.computes >= now.hangAt) {
        return kHang;
    }
    return now.failure.at == now.computes ? now.failure.code : kSuccess;
}

bool hangs() {
    std::lock_guard<std::mutex> guard(lock);
    return state()->hangAt > 0 && state()->computes >= state()->hangAt;
}

long long computeMillis() {
    return state()->options.number("compute-millis", 0);
}

void failAsynchronously(int code) {
    if (kSticky.count(code) != 0) {
        lose(code);
    } else {
        std::lock_guard<std::mutex> guard(lock);
        state()->asynchronous = code;
    }
}

int device() {
    return currentDevice;
}

int deviceCount() {
    return static_cast<int>(state()->cards.size());
}

int capability(int device) {
    return state()->cards[static_cast<std::size_t>(device)];
}

std::size_t memoryOf(int) {
    return state()->options.memory();
}

int driver() {
    return state()->options.driver();
}

bool take(int device, std::size_t bytes) {
    std::lock_guard<std::mutex> guard(lock);
    std::size_t& used = state()->used[static_cast<std::size_t>(device)];
    if (bytes > state()->options.memory() - used) {
        return false;
    }
    used += bytes;
    return true;
}

void giveBack(int device, std::size_t bytes) {
    std::lock_guard<std::mutex> guard(lock);
    state()->used[static_cast<std::size_t>(device)] -= bytes;
}

std::size_t taken(int device) {
    std::lock_guard<std::mutex> guard(lock);
    return state()->used[static_cast<std::size_t>(device)];
}

void choose(int device) {
    currentDevice = device;
}

}  // namespace fake

using namespace fake;

extern "C" {

/// Makes the next such call fail.
void fake_fail(char const* call, int code) {
    std::lock_guard<std::mutex> guard(lock);
    state()->plans[call] = {code, 1};
    state()->calls[call] = 0;
}

/// Begins anew, as in a process whose FAKE_CUDA is what is given: nothing is lost and nothing is alive.
void fake_configure(char const* options) {
    fake_forget();
    std::lock_guard<std::mutex> guard(lock);
    state() = new State(options);
    lostWith = kSuccess;
    threadError = kSuccess;
    currentDevice = 0;
}

int fake_faults() {
    std::lock_guard<std::mutex> guard(lock);
    return state()->faults;
}
}
