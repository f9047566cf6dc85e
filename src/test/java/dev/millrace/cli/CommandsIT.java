package dev.millrace.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.testing.Contract;
import dev.millrace.testing.TestQueue;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import software.amazon.awssdk.services.sqs.model.Message;

/** {@code submit} and {@code doctor} on a real queue. */
class CommandsIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        CommandLine commands = Millrace.commands();
        commands.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return commands.execute(arguments);
    }

    @Test
    void aUrlAListAndAFolderBecomeMessages() throws Exception {
        Path list =
                Files.writeString(folder.resolve("list.txt"), "# two\nhttp://a/1\n\nhttp://a/2\n");
        Path images = Files.createDirectory(folder.resolve("images"));
        for (String name : List.of("b c.jpg", "a.PNG", "notes.txt")) {
            Files.createFile(images.resolve(name));
        }
        try (TestQueue queue = new TestQueue(5)) {
            int code =
                    run(
                            "submit",
                            "--queue=" + queue.url(),
                            "--tasks=safety,objects",
                            "--callback=http://sink/",
                            "--base-url=http://host/x/",
                            "http://a/0",
                            list.toString(),
                            images.toString());
            assertEquals(0, code, err.toString());
            assertEquals(
                    List.of(
                            "http://a/0",
                            "http://a/1",
                            "http://a/2",
                            "http://host/x/a.PNG",
                            "http://host/x/b%20c.jpg"),
                    urls(queue));
            assertTrue(out.toString().contains("5 messages sent"), out.toString());
        }
    }

    private static List<String> urls(TestQueue queue) throws IOException {
        List<String> urls = new ArrayList<>();
        for (List<Message> some = queue.receive(); !some.isEmpty(); some = queue.receive()) {
            for (Message message : some) {
                JsonNode body = JSON.readTree(message.body());
                assertTrue(Contract.isRequest(body), message.body());
                urls.add(body.get("url").asText());
            }
        }
        return urls.stream().sorted().toList();
    }

    @Test
    void aFolderNeedsToBeServedSomewhere() throws IOException {
        Files.write(folder.resolve("cat.jpg"), new byte[1]);
        int code =
                run(
                        "submit",
                        "--queue=http://127.0.0.1:1/0/q",
                        "--tasks=safety",
                        "--callback=http://sink/",
                        folder.toString());
        assertEquals(Millrace.MISTAKE, code);
        assertEquals(1, err.toString().lines().count(), err.toString());
        assertTrue(err.toString().contains("--base-url: missing"), err.toString());
    }

    @Test
    void theDoctorSaysALineForEachThing() throws IOException {
        try (TestQueue queue = new TestQueue(3)) {
            Path config =
                    Files.writeString(
                            folder.resolve("worker.yaml"),
                            """
                            queue: {url: "%s"}
                            models:
                              - {task: safety, bundle: "%s"}
                            """
                                    .formatted(
                                            queue.url(),
                                            Path.of("engines/safety").toAbsolutePath()));
            assertEquals(0, run("doctor", "--config", config.toString()), out.toString());
            String said = out.toString();
            for (String line :
                    List.of(
                            "ok    JDK: ",
                            "ok    machine: ",
                            "ok    OpenCV: 4.",
                            "ok    ONNX Runtime: 1.",
                            "ok    GPU: ",
                            "ok    configuration: ",
                            "ok    events: an event of a bucket would be refused; where there are any, set source.defaults.tasks and source.defaults.callback",
                            "ok    native libraries: unpacked into ",
                            "ok    device: ",
                            "ok    model for 'safety': version ",
                            "received 3 times goes to the dead letter queue",
                            "warn  queue: the queue's maxReceiveCount is 3, and a crash",
                            "warn  queue: fetch.maxReceives: 5 is more than the queue's maxReceiveCount (3)",
                            "warn  queue: quarantine.receives: 3 leaves ")) {
                assertTrue(said.contains(line), said + " lacks " + line);
            }
            assertFalse(said.contains("FAIL"), said);
        }
    }

    /** Its folder and its YAML are right, so that only loading it shows what is wrong. */
    @Test
    void theDoctorLoadsTheModels() throws IOException {
        Path bundle = Files.createDirectory(folder.resolve("safety"));
        Path engine = Path.of("engines/safety");
        Files.copy(engine.resolve("model.yaml"), bundle.resolve("model.yaml"));
        byte[] model = Files.readAllBytes(engine.resolve("model.onnx"));
        Files.write(bundle.resolve("model.onnx"), Arrays.copyOf(model, model.length / 2));
        Path config =
                Files.writeString(
                        folder.resolve("worker.yaml"),
                        """
                        queue: {url: "http://127.0.0.1:1/000000000000/q"}
                        device: {type: host}
                        models:
                          - {task: safety, bundle: safety}
                        """);
        assertEquals(Millrace.FAILED, run("doctor", "--config", config.toString()));
        List<String> failed =
                out.toString().lines().filter(line -> line.startsWith("FAIL")).toList();
        assertEquals(2, failed.size(), out.toString());
        assertTrue(failed.getFirst().startsWith("FAIL  model for 'safety': "), out.toString());
        assertTrue(failed.getFirst().contains("model.onnx"), out.toString());
    }

    @Test
    void theDoctorFailsWhereTheQueueDoesNotAnswer() throws IOException {
        Path config =
                Files.writeString(
                        folder.resolve("worker.yaml"),
                        """
                        queue: {url: "http://127.0.0.1:1/000000000000/q"}
                        models:
                          - {task: safety, bundle: "%s"}
                        """
                                .formatted(Path.of("engines/safety").toAbsolutePath()));
        assertEquals(Millrace.FAILED, run("doctor", "--config", config.toString()));
        assertTrue(out.toString().contains("FAIL  queue: "), out.toString());
    }
}
