package dev.millrace.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.batch.BatchImage;
import dev.millrace.batch.ImageWords;
import dev.millrace.config.ConfigException;
import dev.millrace.source.QueueRefusal;
import dev.millrace.source.QueueSettings;
import dev.millrace.source.SqsClients;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Where the results of what is submitted go, and whether the command waits for them. */
final class ResultOptions {
    private static final QueueRefusal.Words RESULT_WORDS =
            new QueueRefusal.Words(
                    "--results-queue",
                    "--endpoint",
                    "--region",
                    "sqs:ReceiveMessage and sqs:DeleteMessage");

    @Option(
            names = "--callback",
            paramLabel = "URL",
            description =
                    "URL that the worker posts each result to (default: none; this or --results-queue"
                            + " is required).")
    private Optional<String> callback = Optional.empty();

    @Option(
            names = "--results-queue",
            paramLabel = "URL",
            description =
                    "URL of an SQS queue that the worker sends each result to, which its"
                            + " results.allowQueues lists (default: none).")
    private Optional<String> resultsQueue = Optional.empty();

    @Option(
            names = "--wait",
            description =
                    "Wait for the results in the queue of --results-queue, and print each as a line"
                            + " of JSON.")
    private boolean wait;

    @Option(
            names = "--patience",
            paramLabel = "TIME",
            defaultValue = "10m",
            converter = Times.class,
            description =
                    "With --wait: how long to wait for one more result (default: ${DEFAULT-VALUE}).")
    private Duration patience;

    private final Set<String> awaited = new HashSet<>();
    private final String idPrefix = UUID.randomUUID().toString().substring(0, 13);
    private long numbered;

    /** Whether the command ends with the results. */
    boolean areAwaited() {
        return wait;
    }

    /**
     * Throws {@link ConfigException} with one line where the options do not go together.
     *
     * @param settings by option and URL those of a queue
     */
    void check(BiFunction<String, String, QueueSettings> settings, boolean idsToStandardOutput) {
        if (callback.isPresent() == resultsQueue.isPresent()) {
            throw new ConfigException(
                    callback.isPresent()
                            ? "--callback and --results-queue are both given; give one of them"
                            : "--callback: missing; say where the worker sends the results, or give --results-queue");
        }
        callback.ifPresent(url -> ImageWords.requireHttp("--callback", url));
        resultsQueue.ifPresent(url -> settings.apply("--results-queue", url));
        if (wait && resultsQueue.isEmpty()) {
            throw new ConfigException(
                    "--wait: needs --results-queue; name a queue that the worker sends the results to");
        }
        if (wait && idsToStandardOutput) {
            throw new ConfigException(
                    "--wait prints results on standard output; give --ids the name of a file");
        }
    }

    /** Says in a request where its result goes. */
    void into(ObjectNode body) {
        callback.ifPresent(url -> body.put("callback_url", url));
        resultsQueue.ifPresent(url -> body.putObject("results").put("sqs", url));
    }

    /** Results are known by an id that is there before they are. */
    BatchImage named(BatchImage image) {
        if (!wait) {
            return image;
        }
        String id = image.id().orElseGet(() -> idPrefix + "-" + ++numbered);
        awaited.add(id);
        return new BatchImage(image.url(), Optional.of(id), image.metadata());
    }

    /** Prints the results as they come; returns the exit code. */
    int await(BiFunction<String, String, QueueSettings> settings, CommandLine command) {
        String url = resultsQueue.orElseThrow();
        QueueSettings queue = settings.apply("--results-queue", url);
        long all = awaited.size();
        try (SqsClient client = SqsClients.create(queue)) {
            ResultQueue results = new ResultQueue(client, url, command.getOut(), awaited);
            try (StatusLine status = StatusLine.onError()) {
                results.await(
                        patience,
                        () -> show(status, all - awaited.size(), Optional.of(all), "results"));
            }
            command.getErr()
                    .println(
                            "%s, %d with an error"
                                    .formatted(
                                            Count.of(all - awaited.size(), "result"),
                                            results.failed()));
            if (!awaited.isEmpty()) {
                command.getErr()
                        .println(
                                "millrace: %s did not come, and none has for %d s; look into the log of the worker and the dead letter queue"
                                        .formatted(
                                                Count.of(awaited.size(), "result"),
                                                patience.toSeconds()));
            }
            return awaited.isEmpty() && results.failed() == 0 ? 0 : Millrace.FAILED;
        } catch (SdkException e) {
            command.getErr()
                    .println(
                            "millrace: --results-queue: "
                                    + QueueRefusal.line(e, queue, RESULT_WORDS));
            return Millrace.FAILED;
        }
    }

    static void show(StatusLine status, long done, Optional<Long> wanted, String what) {
        status.show(
                wanted.map(all -> (double) done / all),
                done + wanted.map(all -> " of " + all).orElse("") + " " + what);
    }
}
