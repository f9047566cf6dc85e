package dev.millrace.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.batch.BatchImage;
import dev.millrace.batch.ImageWords;
import dev.millrace.config.ConfigException;
import dev.millrace.source.QueueRefusal;
import dev.millrace.source.QueueSettings;
import dev.millrace.source.SqsClients;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Puts images on a queue. */
@Command(
        name = "submit",
        description = "Put images on a queue, and wait for their results if asked to.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:every message was sent; with --wait, every image has its verdict as well",
            "1:some messages were not sent, and --ids says which; with --wait, some results are"
                    + " missing or have an error",
            "2:a mistake in the options or the list, or the queue cannot be used; nothing was sent"
        })
final class SubmitCommand implements Callable<Integer> {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static final QueueRefusal.Words WORDS =
            new QueueRefusal.Words("--queue", "--endpoint", "--region", "sqs:SendMessage");

    private static final QueueRefusal.Words RESULT_WORDS =
            new QueueRefusal.Words(
                    "--results-queue",
                    "--endpoint",
                    "--region",
                    "sqs:ReceiveMessage and sqs:DeleteMessage");

    @Option(
            names = "--queue",
            required = true,
            paramLabel = "URL",
            description = "URL of the queue. Required.")
    private String queue;

    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            description =
                    "Server that is called instead of AWS, such as http://localhost:9324 (default:"
                            + " the host in the queue's URL).")
    private Optional<URI> endpoint = Optional.empty();

    @Option(
            names = "--region",
            paramLabel = "NAME",
            description =
                    "AWS region of the queue (default: the region in the queue's URL, else that of"
                            + " the environment).")
    private Optional<String> region = Optional.empty();

    @Option(
            names = "--tasks",
            split = ",",
            required = true,
            paramLabel = "TASK",
            description = "Tasks for each image, such as safety,objects. Required.")
    private List<String> tasks;

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

    @Option(
            names = "--base-url",
            paramLabel = "URL",
            description =
                    "URL under which the files of a folder are served: FOLDER/cats/a.jpg becomes"
                            + " URL/cats/a.jpg (default: none, and folders are refused).")
    private Optional<String> baseUrl = Optional.empty();

    @Option(
            names = "--ids",
            paramLabel = "FILE",
            description =
                    "File that a line of JSON is appended to for each message: its id, which is"
                            + " also the id of its result, and its url; or its url and the error where it was"
                            + " not sent. '-' is standard output (default: none).")
    private Optional<String> ids = Optional.empty();

    @Mixin private ImageOptions lists;

    @Parameters(
            arity = "1..*",
            paramLabel = "IMAGE",
            description =
                    "URL of an image, prefix in a bucket (s3://bucket/prefix/), folder of images that"
                            + " is served at --base-url, or file of URLs: text with one per line, JSON"
                            + " lines with url, id and metadata, or CSV. Required.")
    private List<String> images;

    @Spec private CommandSpec commandSpec;

    private final Set<String> awaited = new HashSet<>();
    private final String idPrefix = UUID.randomUUID().toString().substring(0, 13);
    private long numbered;

    @Override
    public Integer call() throws InterruptedException {
        requireDestination();
        ImageWords words = new ImageWords(baseUrl, lists.columns(), lists.buckets());
        baseUrl.ifPresent(url -> ImageWords.requireHttp("--base-url", url));
        Optional<Long> wanted = words.survey(images).images();
        QueueSettings settings = settings("--queue", queue);
        Optional<PrintWriter> lines = ids.map(this::open);
        try (SqsClient client = SqsClients.create(settings)) {
            Submission submission;
            Optional<String> broken;
            try (StatusLine status = StatusLine.onError()) {
                submission =
                        new Submission(
                                client,
                                queue,
                                lines,
                                e -> QueueRefusal.line(e, settings, WORDS),
                                done -> show(status, done, wanted, "sent"));
                broken = send(submission, words);
            }
            if (lines.filter(PrintWriter::checkError).isPresent()) {
                err().println(
                                "millrace: --ids: '%s' lacks lines, since it could not be written; free space there"
                                        .formatted(ids.get()));
            }
            int sent = report(submission, broken);
            return wait ? Math.max(sent, await()) : sent;
        } catch (IllegalArgumentException e) {
            throw new ConfigException(
                    "--queue: " + e.getMessage().replace("queue.region", "--region"));
        } catch (SdkException e) {
            throw new ConfigException("--queue: " + QueueRefusal.line(e, settings, WORDS));
        } finally {
            lines.filter(_ -> !toStandardOutput()).ifPresent(PrintWriter::close);
        }
    }

    private void requireDestination() {
        if (callback.isPresent() == resultsQueue.isPresent()) {
            throw new ConfigException(
                    callback.isPresent()
                            ? "--callback and --results-queue are both given; give one of them"
                            : "--callback: missing; say where the worker sends the results, or give --results-queue");
        }
        callback.ifPresent(url -> ImageWords.requireHttp("--callback", url));
        resultsQueue.ifPresent(url -> settings("--results-queue", url));
        if (wait && resultsQueue.isEmpty()) {
            throw new ConfigException(
                    "--wait: needs --results-queue; name a queue that the worker sends the results to");
        }
        if (wait && toStandardOutput()) {
            throw new ConfigException(
                    "--wait prints results on standard output; give --ids the name of a file");
        }
    }

    /** Says why the list of images broke off, if it did. */
    private Optional<String> send(Submission submission, ImageWords words)
            throws InterruptedException {
        Optional<String> broken = Optional.empty();
        try {
            words.each(
                    images,
                    image -> {
                        BatchImage named = named(image);
                        submission.add(named, body(named));
                    });
        } catch (ConfigException e) {
            if (submission.sent() == 0) {
                throw e;
            }
            broken = Optional.of(e.getMessage());
        }
        submission.flush();
        return broken;
    }

    private static void show(StatusLine status, long done, Optional<Long> wanted, String what) {
        status.show(
                wanted.map(all -> (double) done / all),
                done + wanted.map(all -> " of " + all).orElse("") + " " + what);
    }

    /** Results are known by an id that is there before they are. */
    private BatchImage named(BatchImage image) {
        if (!wait) {
            return image;
        }
        String id = image.id().orElseGet(() -> idPrefix + "-" + ++numbered);
        awaited.add(id);
        return new BatchImage(image.url(), Optional.of(id), image.metadata());
    }

    private int report(Submission submission, Optional<String> broken) {
        long missing = submission.refused();
        // Standard output is for the ids or the results alone, if they go there.
        (toStandardOutput() || wait ? err() : commandSpec.commandLine().getOut())
                .println(Count.of(submission.sent(), "message") + " sent");
        if (missing > 0) {
            err().println(
                            "millrace: %s not sent: %s%s"
                                    .formatted(
                                            Count.of(missing, "message")
                                                    + (missing == 1 ? " was" : " were"),
                                            submission.refusal().orElse("the queue did not answer"),
                                            ids.isPresent()
                                                    ? ""
                                                    : "; --ids FILE writes down which"));
        }
        broken.ifPresent(
                why ->
                        err().println(
                                        "millrace: no more were sent, since the list broke off: "
                                                + why));
        return missing == 0 && broken.isEmpty() ? 0 : Millrace.FAILED;
    }

    private int await() {
        String url = resultsQueue.orElseThrow();
        QueueSettings settings = settings("--results-queue", url);
        long all = awaited.size();
        try (SqsClient client = SqsClients.create(settings)) {
            ResultQueue results =
                    new ResultQueue(client, url, commandSpec.commandLine().getOut(), awaited);
            try (StatusLine status = StatusLine.onError()) {
                results.await(
                        patience,
                        () -> show(status, all - awaited.size(), Optional.of(all), "results"));
            }
            err().println(
                            "%s, %d with an error"
                                    .formatted(
                                            Count.of(all - awaited.size(), "result"),
                                            results.failed()));
            if (!awaited.isEmpty()) {
                err().println(
                                "millrace: %s did not come, and none has for %d s; look into the log of the worker and the dead letter queue"
                                        .formatted(
                                                Count.of(awaited.size(), "result"),
                                                patience.toSeconds()));
            }
            return awaited.isEmpty() && results.failed() == 0 ? 0 : Millrace.FAILED;
        } catch (SdkException e) {
            err().println(
                            "millrace: --results-queue: "
                                    + QueueRefusal.line(e, settings, RESULT_WORDS));
            return Millrace.FAILED;
        }
    }

    private boolean toStandardOutput() {
        return ids.filter("-"::equals).isPresent();
    }

    private PrintWriter err() {
        return commandSpec.commandLine().getErr();
    }

    private QueueSettings settings(String option, String url) {
        try {
            return QueueSettings.of(
                    url,
                    draft -> {
                        draft.endpoint = endpoint;
                        draft.region = region;
                    });
        } catch (IllegalArgumentException e) {
            // It names keys of a worker's configuration.
            throw new ConfigException(
                    e.getMessage()
                            .replaceFirst("^queue\\.url", option)
                            .replaceFirst("^queue\\.", "--"));
        }
    }

    private String body(BatchImage image) {
        ObjectNode body = JSON.createObjectNode();
        image.into(body);
        callback.ifPresent(url -> body.put("callback_url", url));
        resultsQueue.ifPresent(url -> body.putObject("results").put("sqs", url));
        return body.set("tasks", JSON.valueToTree(tasks)).toString();
    }

    private PrintWriter open(String file) {
        if (file.equals("-")) {
            return commandSpec.commandLine().getOut();
        }
        try {
            return new PrintWriter(
                    Files.newBufferedWriter(
                            Path.of(file), StandardOpenOption.CREATE, StandardOpenOption.APPEND));
        } catch (IOException e) {
            throw new ConfigException(
                    "--ids: '%s' cannot be written; name a file in a folder that is there and may be written to"
                            .formatted(file));
        }
    }
}
