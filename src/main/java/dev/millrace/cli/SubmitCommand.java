package dev.millrace.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.config.ConfigException;
import dev.millrace.source.QueueSettings;
import dev.millrace.source.SqsClients;
import dev.millrace.verify.ImageFiles;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;

/** Puts images on a queue. */
@Command(name = "submit", description = "Put images on a queue.", mixinStandardHelpOptions = true)
final class SubmitCommand implements Callable<Integer> {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int BATCH = 10;

    @Option(
            names = "--queue",
            required = true,
            paramLabel = "URL",
            description = "URL of the queue.")
    private String queue;

    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            description = "Endpoint of a server that is not AWS.")
    private Optional<URI> endpoint = Optional.empty();

    @Option(names = "--region", description = "AWS region, where the environment does not say.")
    private Optional<String> region = Optional.empty();

    @Option(
            names = "--tasks",
            split = ",",
            required = true,
            paramLabel = "TASK",
            description = "Tasks for each image, such as safety,objects.")
    private List<String> tasks;

    @Option(
            names = "--callback",
            required = true,
            paramLabel = "URL",
            description = "Where the results go.")
    private String callback;

    @Option(
            names = "--base-url",
            paramLabel = "URL",
            description = "Where the files of a folder are served: FOLDER/a.jpg becomes URL/a.jpg.")
    private Optional<String> baseUrl = Optional.empty();

    @Parameters(
            arity = "1..*",
            paramLabel = "IMAGE",
            description =
                    "A URL, a text file with one URL per line, or a folder of images (with --base-url).")
    private List<String> images;

    @Spec private CommandSpec commandSpec;

    @Override
    public Integer call() {
        List<String> urls = images.stream().flatMap(image -> urls(image).stream()).toList();
        try (SqsClient client = SqsClients.create(settings())) {
            for (int from = 0; from < urls.size(); from += BATCH) {
                send(client, urls.subList(from, Math.min(from + BATCH, urls.size())));
            }
        } catch (IllegalArgumentException e) {
            throw new ConfigException("--queue: '" + queue + "': " + e.getMessage());
        } catch (SdkException e) {
            throw new ConfigException(
                    "--queue: '" + queue + "' does not take messages: " + e.getMessage());
        }
        commandSpec
                .commandLine()
                .getOut()
                .println(urls.size() == 1 ? "1 message sent" : urls.size() + " messages sent");
        return 0;
    }

    private QueueSettings settings() {
        return QueueSettings.of(
                queue,
                draft -> {
                    draft.endpoint = endpoint;
                    draft.region = region;
                });
    }

    private List<String> urls(String image) {
        if (image.startsWith("http://") || image.startsWith("https://")) {
            return List.of(image);
        }
        Path path = Path.of(image);
        try {
            return Files.isDirectory(path) ? inFolder(path) : inFile(path);
        } catch (IOException e) {
            throw new ConfigException(
                    "IMAGE: '%s' is neither a URL nor a file or folder that can be read; check it"
                            .formatted(image));
        }
    }

    private List<String> inFolder(Path folder) throws IOException {
        if (baseUrl.isEmpty()) {
            throw new ConfigException(
                    "--base-url: missing; the worker downloads images, so say where the files of '%s' are served"
                            .formatted(folder));
        }
        String base = baseUrl.get().replaceAll("/$", "") + "/";
        return ImageFiles.namesIn(folder).stream()
                .map(name -> URLEncoder.encode(name, StandardCharsets.UTF_8))
                .map(name -> base + name.replace("+", "%20"))
                .toList();
    }

    private static List<String> inFile(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
    }

    private void send(SqsClient client, List<String> urls) {
        List<SendMessageBatchRequestEntry> entries = new ArrayList<>();
        for (int i = 0; i < urls.size(); i++) {
            ObjectNode body = JSON.createObjectNode().put("url", urls.get(i));
            body.put("callback_url", callback).set("tasks", JSON.valueToTree(tasks));
            entries.add(
                    SendMessageBatchRequestEntry.builder()
                            .id(Integer.toString(i))
                            .messageBody(body.toString())
                            .build());
        }
        SendMessageBatchResponse response =
                client.sendMessageBatch(request -> request.queueUrl(queue).entries(entries));
        if (!response.failed().isEmpty()) {
            throw new ConfigException(
                    "--queue: '%s' refused %s messages: %s"
                            .formatted(
                                    queue,
                                    response.failed().size(),
                                    response.failed().getFirst().message()));
        }
    }
}
