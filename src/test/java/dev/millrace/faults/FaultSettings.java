package dev.millrace.faults;

import dev.millrace.config.ConfigReader;
import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.WorkerProcess;
import dev.millrace.worker.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A worker's configuration in a fault test: a simulated device, loopback allowed, fast polls. */
final class FaultSettings {
    private final StringBuilder queue = new StringBuilder();
    private final StringBuilder fetch = new StringBuilder();
    private final StringBuilder callback = new StringBuilder();
    private final StringBuilder more = new StringBuilder();
    private String simulate = "1,0.1";
    private int messages = 256;
    private Path bundle = Path.of("engines", "safety");

    static FaultSettings of(String queueUrl) {
        FaultSettings settings = new FaultSettings();
        settings.queue.append("  url: ").append(queueUrl).append("\n  wait: 1s\n");
        return settings;
    }

    FaultSettings queue(String line) {
        queue.append("  ").append(line).append('\n');
        return this;
    }

    FaultSettings fetch(String line) {
        fetch.append("  ").append(line).append('\n');
        return this;
    }

    FaultSettings callback(String line) {
        callback.append("  ").append(line).append('\n');
        return this;
    }

    /** Whole sections. */
    FaultSettings more(String lines) {
        more.append(lines);
        return this;
    }

    /** Milliseconds per batch and per image. */
    FaultSettings simulate(String cost) {
        simulate = cost;
        return this;
    }

    FaultSettings messages(int inFlight) {
        messages = inFlight;
        return this;
    }

    String yaml() {
        return """
        queue:
        %sfetch:
          allowAddresses: [127.0.0.0/8]
        %scallback:
          allowAddresses: [127.0.0.0/8]
        %sdevice:
          type: host
          simulate: %s
        admission:
          messages: %d
        reload: 0s
        models:
          - {task: safety, bundle: %s}
        %s"""
                .formatted(
                        queue, fetch, callback, simulate, messages, bundle.toAbsolutePath(), more);
    }

    /** Another model in the place of {@code engines/safety}. */
    FaultSettings bundle(Path folder) {
        bundle = folder;
        return this;
    }

    /**
     * A worker in a process of its own.
     *
     * @param folder in which its files get folders of their own
     * @param off defences that it lacks, of {@link Without}
     */
    WorkerProcess start(Path folder, Change... off) throws IOException {
        Path fresh = Files.createTempDirectory(folder, "worker");
        return off.length == 0
                ? WorkerProcess.start(fresh, yaml())
                : WorkerProcess.startWith(Undefended.changed(fresh, List.of(off)), fresh, yaml());
    }

    /** A worker in this process. */
    Worker start() throws IOException {
        Path file = Files.createTempFile("worker", ".yaml");
        try {
            return Worker.start(ConfigReader.read(Files.writeString(file, yaml()), Map.of()));
        } finally {
            Files.delete(file);
        }
    }
}
