// What nobody has freed: counted for a test, told at the end of a process.
#include "memory.h"
#include "state.h"
#include "stream.h"

#include <cstdio>

namespace fake {
int eventsAlive();
void forgetEvents();
int graphsAlive();
void forgetGraphs();
int librariesAlive();
void forgetLibraries();
}  // namespace fake

using namespace fake;

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
