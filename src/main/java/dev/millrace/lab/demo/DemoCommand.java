package dev.millrace.lab.demo;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.millrace.cli.Count;
import dev.millrace.cli.ProgressLine;
import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import dev.millrace.observe.Load;
import dev.millrace.observe.Snapshot;
import dev.millrace.resource.Deadline;
import dev.millrace.source.QueueSettings;
import dev.millrace.source.QueueUnavailableException;
import dev.millrace.worker.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the whole path on real photos, without a cloud and without an account. */
@Command(
        name = "demo",
        description =
                "Send real photos through an SQS queue to verdicts, or as callers that wait for"
                        + " them, all on this machine.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:every message was called back, or every caller answered",
            "1:a message was lost, or a caller got no verdict",
            "2:a mistake in the options"
        })
public final class DemoCommand implements Callable<Integer> {
    /** Without any progress for so long, what has not come is lost. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Duration LINES = Duration.ofSeconds(2);
    private static final Duration SETTLE = Duration.ofSeconds(10);

    @Option(
            names = "--messages",
            paramLabel = "N",
            defaultValue = "300",
            description = "Messages to send (default: ${DEFAULT-VALUE}).")
    private int messages;

    @Option(
            names = "--serve",
            description =
                    "Send the photos as callers that wait for their verdicts, to a worker without a"
                            + " queue.")
    private boolean serve;

    @Mixin private DemoWorker demo;

    @Option(
            names = "--summary-json",
            paramLabel = "FILE",
            description = "File that the figures are written to, as JSON (default: none).")
    private Optional<Path> summary = Optional.empty();

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description =
                    "File that a timeline of lanes and threads is written to, for ui.perfetto.dev"
                            + " (default: none).")
    private Optional<Path> trace = Optional.empty();

    @Option(
            names = "--metrics",
            paramLabel = "FILE",
            description =
                    "File that the worker's /metrics are written to at the end (default: none).")
    private Optional<Path> metrics = Optional.empty();

    @Option(
            names = "--reloads",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Times that the models change while messages flow (default: ${DEFAULT-VALUE}).")
    private int reloads;

    @Override
    public Integer call() throws Exception {
        if (messages < 1) {
            throw new ConfigException("--messages: '" + messages + "' must be at least 1");
        }
        OutputFile.require("--summary-json", summary);
        OutputFile.require("--trace", trace);
        OutputFile.require("--metrics", metrics);
        quiet();
        if (serve) {
            return serve();
        }
        try (LocalServers servers = new LocalServers();
                ChangingModels models = new ChangingModels(reloads);
                Worker worker = Worker.start(config(servers.queue().settings(), models))) {
            return run(worker, servers, models);
        }
    }

    private WorkerConfig config(QueueSettings queue, ChangingModels models) {
        return demo.config(queue, models, trace, metrics.map(_ -> 0));
    }

    private int serve() throws InterruptedException {
        if (reloads > 0 || summary.isPresent() || metrics.isPresent()) {
            throw new ConfigException(
                    "--serve: goes without --reloads, --summary-json and --metrics; leave them out");
        }
        try (ChangingModels models = new ChangingModels(0)) {
            WorkerConfig config = config(CallersDemo.NO_QUEUE, models);
            return new CallersDemo(demo.tasks(), messages).run(config, System.out);
        }
    }

    private static void quiet() {
        level("dev.millrace", Level.WARN);
        level("millrace.message", Level.OFF);
    }

    private static void level(String logger, Level level) {
        ((Logger) LoggerFactory.getLogger(logger)).setLevel(level);
    }

    private Integer run(Worker worker, LocalServers servers, ChangingModels models)
            throws InterruptedException, IOException, QueueUnavailableException {
        CallbackSink sink = servers.sink();
        LocalQueue queue = servers.queue();
        List<String> tasks = demo.tasks();
        List<String> ids = new ArrayList<>();
        List<String> bodies = bodies(servers, tasks, ids);
        System.out.println(
                Count.of(messages, "message")
                        + " for "
                        + String.join(" and ", tasks)
                        + " on "
                        + worker.device().description());

        Map<String, Long> cpuBefore = ThreadCpu.byRole();
        Snapshot start = worker.snapshot();
        Thread sender =
                Thread.ofPlatform()
                        .name("demo-sender")
                        .start(() -> models.send(bodies, queue::send, sink));
        try (ProgressLine progress = new ProgressLine(messages, LINES, System.out::println)) {
            while (sink.calledBack() < messages
                    && !worker.fault().isDone()
                    && System.nanoTime() - sink.lastNs() < PATIENCE.toNanos()) {
                Thread.sleep(100);
                int done = sink.calledBack();
                Load load = worker.loadSince(start);
                String figures =
                        String.format(
                                Locale.ROOT,
                                "%.1f images/s, %d in flight, batch %.1f",
                                done / load.elapsedSeconds(),
                                worker.snapshot().inFlight(),
                                load.meanBatch());
                progress.bar(done, done + " called back, " + figures);
                progress.line("  " + done + " called back, " + figures);
            }
        }
        sender.join();
        long endNs = sink.calledBack() == 0 ? System.nanoTime() : sink.lastNs();
        awaitEmpty(queue, worker);
        Load load = worker.loadSince(start);
        Map<String, Long> cpu = ThreadCpu.byRole();
        cpuBefore.forEach((role, nanos) -> cpu.merge(role, -nanos, Long::sum));

        DemoReport report =
                new DemoReport(
                        messages,
                        sink.calledBack(),
                        ids.stream().filter(id -> !sink.has(id)).count(),
                        sink.duplicates(),
                        queue.left(),
                        queue.deadLetters(),
                        (endNs - start.nowNs()) / 1e9,
                        ChangingModels.taken(sink.versions()),
                        load,
                        cpu);
        if (metrics.isPresent()) {
            Files.writeString(metrics.get(), ThisMachine.metrics(worker));
        }
        report.print(
                System.out,
                tasks,
                servers.photos().names(),
                sink.byUrl(),
                worker.device().computes());
        if (summary.isPresent()) {
            Files.writeString(
                    summary.get(), report.json().toPrettyString() + System.lineSeparator());
        }
        return report.lost() == 0 ? 0 : 1;
    }

    private List<String> bodies(LocalServers servers, List<String> tasks, List<String> ids) {
        List<String> names = List.copyOf(servers.photos().names());
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            String id = UUID.randomUUID().toString();
            ids.add(id);
            bodies.add(servers.body(id, names.get(i % names.size()), tasks));
        }
        return bodies;
    }

    /** The last deletes are still on their way when the last callback has come. */
    private static void awaitEmpty(LocalQueue queue, Worker worker)
            throws InterruptedException, QueueUnavailableException {
        Deadline deadline = Deadline.in(SETTLE);
        while (queue.left() > 0 && !worker.fault().isDone() && !deadline.passed()) {
            Thread.sleep(50);
        }
    }
}
