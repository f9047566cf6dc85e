package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.millrace.config.ConfigDraft;
import dev.millrace.config.Serving;
import dev.millrace.config.WorkerConfig;
import dev.millrace.config.WorkerProfile;
import dev.millrace.lab.demo.ThisMachine;
import dev.millrace.objects.AllowedBucket;
import dev.millrace.objects.StoreSettings;
import dev.millrace.serve.ServeSettings;
import dev.millrace.worker.Worker;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The worker of one configuration, alone in its process; {@code bench} starts it. */
@Command(name = "bench-worker")
public final class BenchWorker implements Callable<Integer> {
    @Mixin private WorkerProcess process;

    @Option(names = "--configuration", required = true)
    private Configuration configuration;

    @Option(names = "--tasks", split = ",", required = true)
    private List<String> tasks;

    @Option(names = "--device", required = true)
    private WorkerConfig.DeviceChoice.Type device;

    @Option(names = "--gpu", required = true)
    private int gpu;

    @Option(names = "--simulate")
    private Optional<String> simulate = Optional.empty();

    @Option(names = "--in-flight")
    private Optional<Integer> inFlight = Optional.empty();

    @Option(names = "--max-batch")
    private Optional<Integer> maxBatch = Optional.empty();

    @Option(names = "--receivers")
    private Optional<Integer> receivers = Optional.empty();

    @Option(names = "--profile", required = true)
    private WorkerProfile profile;

    /** Where the objects of the bench's bucket are. */
    @Option(names = "--objects")
    private Optional<URI> objects = Optional.empty();

    /** Answers callers as well, at any free port. */
    @Option(names = "--callers")
    private boolean callers;

    @Override
    public Integer call() throws Exception {
        Worker worker = Worker.start(config());
        try {
            String device = worker.device().description();
            Dialogue.answer(
                    JsonNodeFactory.instance
                            .objectNode()
                            .put("device", device)
                            .put("serve_port", worker.servePort().orElse(0)));
            Dialogue.serve((command, _) -> process.handle(command, worker));
        } finally {
            WorkerProcess.end(worker);
        }
        return 0;
    }

    private WorkerConfig config() {
        WorkerConfig config =
                configuration.config(
                        process.queue(),
                        WorkerConfig.DeviceChoice.of(device, simulate.map(ThisMachine::cost))
                                .withIndex(gpu),
                        tasks,
                        new Configuration.Overrides(profile, inFlight, maxBatch, receivers));
        return config.with(
                draft -> {
                    objects.ifPresent(endpoint -> draft.fetch = fetch(draft.fetch, endpoint));
                    if (callers) {
                        callers(draft);
                    }
                });
    }

    private static WorkerConfig.Fetch fetch(WorkerConfig.Fetch fetch, URI endpoint) {
        StoreSettings store =
                new StoreSettings(
                        Optional.of(endpoint),
                        Optional.of("us-east-1"),
                        false,
                        List.of(AllowedBucket.of(ImageHost.BUCKET)));
        return new WorkerConfig.Fetch(
                fetch.limits(),
                fetch.ownHosts(),
                fetch.allowAddresses(),
                fetch.maxReceives(),
                store);
    }

    private static void callers(ConfigDraft draft) {
        draft.serve =
                Optional.of(
                        Serving.of(
                                0,
                                ServeSettings.LOOPBACK,
                                ServeSettings.HALF,
                                draft.fetch.limits()));
    }
}
