// What nobody has freed: counted for a test, told at the end of a process.
#include "memory.h"
#include "state.h"
#include "stream.h"

namespace fake {
int eventsAlive();
void forgetEvents();
int graphsAlive();
void forgetGraphs();
int librariesAlive();
void forgetLibraries();
}  // namespace fake

using namespace fake;

namespace {

/// At the end of the process, unless nothing could be freed any more.
__attribute__((destructor)) void tellLeaks() {
    if (lost() != kSuccess || hangs()) {
        return;
    }
    std::string what;
    auto const add = [&](int count, char const* kind) {
        what += count == 0 ? "" : (what.empty() ? "" : ", ") + std::to_string(count) + " " + kind;
    };
    add(blocksAlive(), "blocks of memory");
    add(streamsAlive(), "streams");
    add(eventsAlive(), "events");
    add(graphsAlive(), "graphs");
    add(librariesAlive(), "libraries of kernels");
    if (!what.empty()) {
        fault("never freed: " + what);
    }
}

}  // namespace

extern "C" {

/// Blocks, streams, events, graphs and libraries of kernels.
int fake_alive() {
    return blocksAlive() + streamsAlive() + eventsAlive() + graphsAlive() + librariesAlive();
}

void fake_forget() {
    forgetStreams();
    forgetEvents();
    forgetGraphs();
    forgetLibraries();
    forgetBlocks();
}
}
