package dev.millrace.batch;

import dev.millrace.config.ConfigException;
import dev.millrace.config.SourceDefaults;
import dev.millrace.config.WorkerConfig;
import dev.millrace.serve.ServeSettings;
import dev.millrace.worker.InProcess;
import dev.millrace.worker.Worker;
import java.io.OutputStream;
import java.util.Optional;

/** Makes workers that have callers and no queue: theirs is in their own process, and empty. */
public final class Queueless {
    private Queueless() {}

    /**
     * Makes a worker that has opened everything and answers callers once it begins. Throws {@link
     * ConfigException} with one line when it cannot.
     *
     * @param given what the worker is told, but for its queue
     */
    public static Worker load(WorkerConfig given, ServeSettings serve) {
        WorkerConfig config =
                given.with(
                        draft -> {
                            draft.queue = BatchConfig.queue();
                            draft.source = SourceDefaults.NONE;
                            draft.serve = Optional.of(serve);
                        });
        MemoryQueue none = new MemoryQueue(1, 1, 1, (_, _) -> {});
        none.end();
        return Worker.load(config, new InProcess(none, OutputStream.nullOutputStream()));
    }
}
