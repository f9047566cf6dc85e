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
import java.util.List;
import java.util.Optional;
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

    @Mixin private ResultOptions results;

    @Parameters(
            arity = "1..*",
            paramLabel = "IMAGE",
            description =
                    "URL of an image, prefix in a bucket (s3://bucket/prefix/), folder of images that"
                            + " is served at --base-url, or file of URLs: text with one per line, JSON"
                            + " lines with url, id and metadata, or CSV. Required.")
    private List<String> images;

    @Spec private CommandSpec commandSpec;

    @Override
    public Integer call() throws InterruptedException {
        QueueSettings settings = settings("--queue", queue, true);
        results.check(this::settings, toStandardOutput());
        ImageWords words = new ImageWords(baseUrl, lists.columns(), lists.buckets());
        baseUrl.ifPresent(url -> ImageWords.requireHttp("--base-url", url));
        Optional<Long> wanted = words.survey(images).images();
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
                                done -> ResultOptions.show(status, done, wanted, "sent"));
                try (submission) {
                    broken = send(submission, words);
                }
            }
            if (lines.filter(PrintWriter::checkError).isPresent()) {
                err().println(
                                "millrace: --ids: '%s' lacks lines, since it could not be written; free space there"
                                        .formatted(ids.get()));
            }
            int sent = report(submission, broken);
            return results.areAwaited()
                    ? Math.max(sent, results.await(this::settings, commandSpec.commandLine()))
                    : sent;
        } catch (IllegalArgumentException e) {
            throw new ConfigException(
                    "--queue: " + e.getMessage().replace("queue.region", "--region"));
        } catch (SdkException e) {
            throw new ConfigException("--queue: " + QueueRefusal.line(e, settings, WORDS));
        } finally {
            lines.filter(_ -> !toStandardOutput()).ifPresent(PrintWriter::close);
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
                        BatchImage named = results.named(image);
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

    private int report(Submission submission, Optional<String> broken) {
        long missing = submission.refused();
        // Standard output is for the ids or the results alone, if they go there.
        (toStandardOutput() || results.areAwaited() ? err() : commandSpec.commandLine().getOut())
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

    private boolean toStandardOutput() {
        return ids.filter("-"::equals).isPresent();
    }

    private PrintWriter err() {
        return commandSpec.commandLine().getErr();
    }

    private QueueSettings settings(String option, String url) {
        return settings(option, url, false);
    }

    private QueueSettings settings(String option, String url, boolean standard) {
        try {
            QueueSettings settings =
                    QueueSettings.of(
                            url,
                            draft -> {
                                draft.endpoint = endpoint;
                                draft.region = region;
                            });
            return standard ? settings.requireStandard() : settings;
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
        results.into(body);
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
