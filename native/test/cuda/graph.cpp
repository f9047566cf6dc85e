// Graphs: what a stream was given while it was captured, executed anew at each launch.
#include "stream.h"

#include "api.h"

#include <atomic>

namespace fake {
namespace {

struct Graph {
    std::vector<Task> tasks;
};

struct Executable {
    std::vector<Task> tasks;
    int device = 0;
    bool uploaded = false;
    std::atomic<int> inFlight{0};
    /// One launch of it waits for the one before.
    std::mutex running;
};

Registry<Graph>& graphs() {
    static auto* all = new Registry<Graph>("a graph");
    return *all;
}

Registry<Executable>& executables() {
    static auto* all = new Registry<Executable>("an executable graph");
    return *all;
}

/// The executable and the stream of a call, or a code.
struct Target {
    std::shared_ptr<Executable> graph;
    std::shared_ptr<Stream> stream;
    int code = kSuccess;
};

Target target(Executable* executable, void* handle, char const* call) {
    Target found{executables().find(executable, call), currentStreamOf(handle, call)};
    if (found.graph == nullptr || found.stream == nullptr || found.graph->device != found.stream->device) {
        found.code = fail(kInvalidHandle);
    } else {
        found.code = refusedByCapture(*found.stream);
    }
    return found;
}

}  // namespace

int graphsAlive() {
    return graphs().alive() + executables().alive();
}

void forgetGraphs() {
    graphs().forget();
    executables().forget();
}

}  // namespace fake

using namespace fake;

extern "C" {

int cudaStreamBeginCapture(void* handle, int mode) {
    FAKE_BEGIN("cudaStreamBeginCapture");
    std::shared_ptr<Stream> const stream = currentStreamOf(handle, "cudaStreamBeginCapture");
    if (stream == nullptr) {
        return kInvalidHandle;
    }
    if (stream->legacy) {
        return fail(kCaptureUnsupported);
    }
    if (mode < 0 || mode > 2) {
        return fail(kInvalidValue);
    }
    return stream->beginCapture(static_cast<Mode>(mode)) ? static_cast<int>(kSuccess) : fail(kIllegalState);
}

int cudaStreamEndCapture(void* handle, Graph** graph) {
    *graph = nullptr;
    std::shared_ptr<Stream> const stream = streamOf(handle, "cudaStreamEndCapture");
    if (stream == nullptr) {
        return kInvalidHandle;
    }
    auto made = std::make_shared<Graph>();
    int const code = stream->endCapture(made->tasks);
    FAKE_BEGIN("cudaStreamEndCapture");
    if (code != kSuccess) {
        return fail(code);
    }
    *graph = graphs().add(std::move(made));
    return kSuccess;
}

int cudaGraphInstantiateWithFlags(Executable** executable, Graph* handle, unsigned long long) {
    FAKE_BEGIN("cudaGraphInstantiateWithFlags");
    std::shared_ptr<Graph> const graph = graphs().find(handle, "cudaGraphInstantiateWithFlags");
    if (graph == nullptr) {
        return fail(kInvalidHandle);
    }
    if (graph->tasks.empty()) {
        fault("a graph in which nothing was recorded");
    }
    auto made = std::make_shared<Executable>();
    made->tasks = graph->tasks;
    made->device = device();
    *executable = executables().add(std::move(made));
    return kSuccess;
}

int cudaGraphUpload(Executable* handle, void* to) {
    FAKE_BEGIN("cudaGraphUpload");
    Target const found = target(handle, to, "cudaGraphUpload");
    if (found.code == kSuccess) {
        found.graph->uploaded = true;
    }
    return found.code;
}

int cudaGraphLaunch(Executable* handle, void* to) {
    FAKE_BEGIN("cudaGraphLaunch");
    Target const found = target(handle, to, "cudaGraphLaunch");
    if (found.code != kSuccess) {
        return found.code;
    }
    std::shared_ptr<Executable> const graph = found.graph;
    if (!graph->uploaded) {
        fault("a graph is launched that was not uploaded, so its first launch has to do that");
    }
    int const code = nextCompute();
    ++graph->inFlight;
    Task launch{[=] {
        runAs(code, [=] {
            std::lock_guard<std::mutex> guard(graph->running);
            for (Task const& task : graph->tasks) {
                task.run();
            }
        });
    }};
    for (Task const& task : graph->tasks) {
        launch.uses.insert(launch.uses.end(), task.uses.begin(), task.uses.end());
    }
    found.stream->add(std::move(launch));
    Task end{[=] { --graph->inFlight; }};
    end.marks = true;
    found.stream->add(std::move(end));
    return kSuccess;
}

int cudaGraphExecDestroy(Executable* handle) {
    FAKE_BEGIN("cudaGraphExecDestroy");
    std::shared_ptr<Executable> const graph = executables().remove(handle, "cudaGraphExecDestroy");
    if (graph == nullptr) {
        return fail(kInvalidHandle);
    }
    if (graph->inFlight > 0) {
        fault("an executable graph is destroyed while a launch of it is in flight");
    }
    return kSuccess;
}

int cudaGraphDestroy(Graph* handle) {
    FAKE_BEGIN("cudaGraphDestroy");
    return graphs().remove(handle, "cudaGraphDestroy") == nullptr ? fail(kInvalidHandle) : static_cast<int>(kSuccess);
}
}
