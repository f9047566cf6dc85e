package dev.millrace.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.millrace.batch.BatchRun;
import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import dev.millrace.objects.AllowedBucket;
import dev.millrace.objects.StoreSettings;
import dev.millrace.resource.SafeText;
import dev.millrace.worker.Worker;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Works through a folder, a bucket or a list on this machine, without any queue. */
@Command(
        name = "run",
        description =
                "Work through many images on this machine, without a queue, into a file of results."
                        + " Started again with the same file, it goes on where it was.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:every image has its verdict",
            "1:some images of the file have an error instead, or not all could be worked on",
            "2:a mistake in the options, the list or the configuration",
            "130:stopped by Ctrl-C; the same command goes on"
        })
final class RunCommand implements Callable<Integer> {
    @Option(
            names = "--tasks",
            split = ",",
            paramLabel = "TASK",
            description =
                    "Tasks for each image: folders of engines/, or those of --model or --config"
                            + " (default: all of --model or --config).")
    private List<String> tasks = List.of();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description =
                    "File that each result is appended to as a line of JSON. Images that it has a"
                            + " result of are left out. Required.")
    private Path out;

    @Option(
            names = "--retry-errors",
            description =
                    "Try again the images that the file has an error of: their lines are taken out of"
                            + " it first.")
    private boolean retryErrors;

    @Option(
            names = "--model",
            paramLabel = "TASK=FOLDER",
            description =
                    "Folder of a model, and the task that it serves, such as"
                            + " safety=engines/safety (default: the folder of engines/ that is called like the"
                            + " task).")
    private Map<String, Path> models = Map.of();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description =
                    "Configuration of a worker, of which all holds but the queue, the results and the"
                            + " port (default: none).")
    private Optional<Path> config = Optional.empty();

    @Option(
            names = "--allow-buckets",
            split = ",",
            paramLabel = "BUCKET",
            description =
                    "Buckets that lines of a file of URLs may name (default: those of"
                            + " fetch.s3.allowBuckets).")
    private List<String> allowBuckets = List.of();

    @Mixin private ImageOptions lists;

    @Parameters(
            paramLabel = "IMAGES",
            description =
                    "Folder of images, prefix in a bucket (s3://bucket/prefix/), or file of URLs: text"
                            + " with one per line, JSON lines with url, id and metadata, or CSV. Required.")
    private String images;

    @Spec private CommandSpec commandSpec;

    private volatile boolean stopped;

    @Override
    public Integer call() throws Exception {
        WorkerConfig given = given().with(draft -> draft.fetch = allowing(draft.fetch));
        quiet();
        try (Interruption interruption = new Interruption(() -> stopped = true);
                BatchRun run =
                        new BatchRun(
                                given,
                                tasks(given),
                                lists.columns(),
                                lists.buckets(),
                                images,
                                out,
                                retryErrors)) {
            long startNs = System.nanoTime();
            err().println(said(run));
            run.begin();
            try (StatusLine status = StatusLine.onError()) {
                while (!stopped && !run.isOver()) {
                    Thread.sleep(100);
                    show(status, run, startNs);
                }
            }
            if (run.isBroken()) {
                err().println(
                                "millrace: the worker cannot go on; the same command goes on with it");
                // What is in flight may never end.
                Runtime.getRuntime().halt(Millrace.FAILED);
            }
            run.drain(Worker.DRAIN_LIMIT);
            return report(run, startNs, interruption.happened());
        }
    }

    private WorkerConfig.Fetch allowing(WorkerConfig.Fetch fetch) {
        if (allowBuckets.isEmpty()) {
            return fetch;
        }
        StoreSettings s3 = fetch.s3();
        Map<String, AllowedBucket> all = new TreeMap<>();
        s3.allowBuckets().forEach(bucket -> all.put(bucket.bucket(), bucket));
        try {
            allowBuckets.forEach(name -> all.put(name, AllowedBucket.of(name)));
        } catch (IllegalArgumentException e) {
            throw new ConfigException("--allow-buckets: " + e.getMessage());
        }
        return new WorkerConfig.Fetch(
                fetch.limits(),
                fetch.ownHosts(),
                fetch.allowAddresses(),
                fetch.maxReceives(),
                new StoreSettings(
                        s3.endpoint(), s3.region(), s3.requesterPays(), List.copyOf(all.values())));
    }

    private WorkerConfig given() {
        if (config.isPresent()) {
            if (!models.isEmpty()) {
                throw new ConfigException(
                        "--config and --model are both given; list the models in one of them");
            }
            return ServedModels.of(config.get(), Optional.empty());
        }
        return ServedModels.of("--tasks", tasks, models);
    }

    private List<String> tasks(WorkerConfig given) {
        List<String> served =
                given.models().stream().map(WorkerConfig.Model::task).sorted().toList();
        for (String task : tasks) {
            if (!served.contains(task)) {
                throw new ConfigException(
                        "--tasks: no model serves '%s'; use one of %s"
                                .formatted(task, String.join(", ", served)));
            }
        }
        return tasks.isEmpty() ? served : tasks;
    }

    /** Each message's line is the file's, and what a worker says at its start is of no use here. */
    private static void quiet() {
        level("dev.millrace", Level.WARN);
        level("millrace.message", Level.OFF);
    }

    private static void level(String logger, Level level) {
        ((Logger) LoggerFactory.getLogger(logger)).setLevel(level);
    }

    private static String said(BatchRun run) {
        return run.images().map(all -> Count.of(all, "image")).orElse("images of a bucket")
                + (run.results().before() > 0
                        ? ", " + Count.of(run.results().before(), "result") + " in " + run.results()
                        : "")
                + ", on "
                + run.device();
    }

    private static void show(StatusLine status, BatchRun run, long startNs) {
        long done = run.leftOut() + run.results().written();
        status.show(
                run.images().map(all -> (double) done / all),
                "%d%s done, %s"
                        .formatted(
                                done,
                                run.images().map(all -> " of " + all).orElse(""),
                                rate(run, startNs)));
    }

    private static String rate(BatchRun run, long startNs) {
        double seconds = (System.nanoTime() - startNs) / 1e9;
        return String.format(Locale.ROOT, "%.1f images/s", run.results().written() / seconds);
    }

    private int report(BatchRun run, long startNs, boolean interrupted) {
        long failed = run.results().failed();
        long failedBefore = run.results().failedBefore();
        PrintWriter said = commandSpec.commandLine().getOut();
        said.println(
                String.format(
                        Locale.ROOT,
                        "%s in %.1f s (%s), %d with an error%s",
                        Count.of(run.results().written(), "image"),
                        (System.nanoTime() - startNs) / 1e9,
                        rate(run, startNs),
                        failed,
                        run.leftOut() > 0
                                ? "; %d left out, which %s has already"
                                        .formatted(run.leftOut(), run.results())
                                : ""));
        if (failedBefore > 0) {
            said.println(
                    "%s of %s had an error before this run; --retry-errors tries them again"
                            .formatted(Count.of(failedBefore, "result"), run.results()));
        }
        String labels = SafeText.escaped(run.results().labels());
        if (!labels.isEmpty()) {
            said.println(labels);
        }
        said.flush();
        if (interrupted) {
            err().println("millrace: stopped; the same command goes on with the rest");
            err().flush();
            return Interruption.EXIT_CODE;
        }
        run.brokenOff().ifPresent(why -> err().println("millrace: " + why));
        return failed + failedBefore == 0 && run.brokenOff().isEmpty() ? 0 : Millrace.FAILED;
    }

    private PrintWriter err() {
        return commandSpec.commandLine().getErr();
    }
}
