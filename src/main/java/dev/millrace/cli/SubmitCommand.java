package dev.millrace.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Puts images on a queue. */
@Command(
        name = "submit",
        description = "Put images on a queue.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:every message was sent",
            "1:some messages were not sent; --ids says which",
            "2:a mistake in the options, or the queue cannot be used; nothing was sent"
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
            names = "--callback",
            required = true,
            paramLabel = "URL",
            description = "URL that the worker posts each result to. Required.")
    private String callback;

    @Option(
            names = "--base-url",
            paramLabel = "URL",
            description =
                    "URL under which the files of a folder are served: FOLDER/a.jpg becomes"
                            + " URL/a.jpg (default: none, and folders are refused).")
    private Optional<String> baseUrl = Optional.empty();

    @Option(
            names = "--ids",
            paramLabel = "FILE",
            description =
                    "File that a line of JSON is appended to for each message: its id, which is"
                            + " also the id of its result, and its url; or its url and the error where it was"
                            + " not sent. '-' is standard output (default: none).")
    private Optional<String> ids = Optional.empty();

    @Parameters(
            arity = "1..*",
            paramLabel = "IMAGE",
            description =
                    "URL of an image, text file with one URL per line, or folder of images that is"
                            + " served at --base-url. Required.")
    private List<String> images;

    @Spec private CommandSpec commandSpec;

    @Override
    public Integer call() {
        List<String> urls = new ImageUrls(baseUrl).of(images);
        ImageUrls.requireHttp("--callback", callback);
        QueueSettings settings = settings();
        Optional<PrintWriter> lines = ids.map(this::open);
        try (SqsClient client = SqsClients.create(settings)) {
            Submission submission = new Submission(client, queue, lines);
            submission.send(urls, this::body, e -> QueueRefusal.line(e, settings, WORDS));
            if (lines.filter(PrintWriter::checkError).isPresent()) {
                err().println(
                                "millrace: --ids: '%s' lacks lines, since it could not be written; free space there"
                                        .formatted(ids.get()));
            }
            return report(submission, urls.size());
        } catch (IllegalArgumentException e) {
            throw new ConfigException(
                    "--queue: " + e.getMessage().replace("queue.region", "--region"));
        } catch (SdkException e) {
            throw new ConfigException("--queue: " + QueueRefusal.line(e, settings, WORDS));
        } finally {
            lines.filter(_ -> !toStandardOutput()).ifPresent(PrintWriter::close);
        }
    }

    private int report(Submission submission, int wanted) {
        int missing = wanted - submission.sent();
        // Standard output is for the ids alone, if they go there.
        (toStandardOutput() ? err() : commandSpec.commandLine().getOut())
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
        return missing == 0 ? 0 : Millrace.FAILED;
    }

    private boolean toStandardOutput() {
        return ids.filter("-"::equals).isPresent();
    }

    private PrintWriter err() {
        return commandSpec.commandLine().getErr();
    }

    private QueueSettings settings() {
        try {
            return QueueSettings.of(
                    queue,
                    draft -> {
                        draft.endpoint = endpoint;
                        draft.region = region;
                    });
        } catch (IllegalArgumentException e) {
            // It names keys of a worker's configuration.
            throw new ConfigException(
                    e.getMessage()
                            .replaceFirst("^queue\\.url", "--queue")
                            .replaceFirst("^queue\\.", "--"));
        }
    }

    private String body(String url) {
        ObjectNode body = JSON.createObjectNode().put("url", url).put("callback_url", callback);
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
