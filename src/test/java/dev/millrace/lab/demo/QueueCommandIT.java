package dev.millrace.lab.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.cli.Millrace;
import dev.millrace.lab.Laboratory;
import dev.millrace.testing.CommandProcess;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.Slow;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code queue} in a process of its own, with the worker and the {@code submit} that it names. */
@Slow
class QueueCommandIT {
    private static final String PHOTO = "photo-512x512-astronaut.jpg";

    @TempDir private Path folder;

    @Test
    void whatItPrintsIsEnoughToSeeVerdicts() throws Exception {
        Path photos = Files.createDirectory(folder.resolve("my photos"));
        Files.write(photos.resolve("a photo.jpg"), PhotoHost.shipped().bytes(PHOTO));
        Files.createFile(photos.resolve("notes.txt"));
        Path output = folder.resolve("output");
        Process queue =
                start(output, "--folder=" + photos, "--port=" + free(), "--http-port=" + free());
        try {
            Loopback.awaitUntil(() -> said(output).contains("Ctrl-C"), 120, () -> said(output));
            String said = said(output);
            assertTrue(said.contains("(1 image)"), said);
            List<String> worker = command(said, " worker ");
            String url = worker.getFirst().replace("MILLRACE_QUEUE_URL=", "");
            String config =
                    Files.readString(Path.of(worker.getLast()))
                            .replaceAll("url: .*", "url: " + url)
                            .replace("../engines", Path.of("engines").toAbsolutePath().toString());
            // A process, since another test watches the memory of this one.
            try (WorkerProcess _ = WorkerProcess.start(folder, config)) {
                List<String> submit = command(said, " submit ");
                // A shell would have quoted the folder's name.
                List<String> arguments = new ArrayList<>(submit.subList(1, submit.size() - 2));
                arguments.add(photos.toString());
                assertEquals(0, Millrace.commands().execute(arguments.toArray(String[]::new)));
                Loopback.awaitUntil(
                        () -> said(output).contains("safety: Neutral"), 120, () -> said(output));
            }
            assertTrue(said(output).contains("a%20photo.jpg"), said(output));
        } finally {
            queue.destroy();
            assertEquals(143, queue.waitFor());
        }
    }

    /** The words of the command that is shown. */
    private static List<String> command(String said, String name) {
        String line = said.lines().filter(one -> one.contains(name)).findFirst().orElseThrow();
        return List.of(line.strip().split(" "));
    }

    @Test
    void aPortThatIsTakenIsOneLine() throws Exception {
        StringWriter err = new StringWriter();
        CommandLine commands = Laboratory.commands().setErr(new PrintWriter(err, true));
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int code =
                    commands.execute(
                            "queue", "--port=" + taken.getLocalPort(), "--http-port=" + free());
            assertEquals(Millrace.MISTAKE, code);
        }
        assertEquals(1, err.toString().lines().count(), err.toString());
        assertTrue(err.toString().contains("is taken"), err.toString());
    }

    private static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static String said(Path output) {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Process start(Path output, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("queue"));
        arguments.addAll(List.of(options));
        return new ProcessBuilder(CommandProcess.line(List.of(), arguments))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }
}
