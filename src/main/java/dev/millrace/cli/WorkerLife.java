package dev.millrace.cli;

import dev.millrace.worker.Worker;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The life of a worker's process, from its start until a signal, a request or a fault ends it. */
final class WorkerLife {
    private WorkerLife() {}

    /**
     * Returns the exit code of the process once the worker has ended.
     *
     * @param load makes the worker, which has not begun
     * @param begun is told of it when it has
     */
    static int run(Supplier<Worker> load, Consumer<Worker> begun) throws InterruptedException {
        Ending ending = new Ending();
        Signals.listen(ending::signal);
        Worker worker;
        try {
            worker = load.get();
        } catch (RuntimeException | Error e) {
            if (ending.isEarly()) {
                return 0;
            }
            throw e;
        }
        if (!ending.mayPoll(worker)) {
            worker.close();
            return 0;
        }
        worker.begin();
        begun.accept(worker);
        worker.fault().thenRun(ending::fail);
        worker.drainRequest().thenRun(() -> ending.exitCode().complete(0));
        int exitCode = ending.exitCode().join();
        ending.limit(exitCode);
        try {
            worker.drain(Worker.DRAIN_LIMIT);
            worker.close();
        } catch (RuntimeException e) {
            System.err.println("millrace worker: the drain failed: " + e);
            exitCode = Millrace.FAILED;
        }
        if (worker.isStillRunning()) {
            Runtime.getRuntime().halt(exitCode);
        }
        return exitCode;
    }
}
