package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.CommandProcess;
import dev.millrace.testing.CountingClassifier;
import dev.millrace.testing.ModuleClasses;
import dev.millrace.testing.ObjectServer;
import dev.millrace.testing.ObjectServer.Reply;
import dev.millrace.testing.Slow;
import dev.millrace.verify.SamplePhotos;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code run} over many photos, killed twice with {@code kill -9} and started again: each result is
 * once in the file, and no image is computed twice but those that were in flight at a kill. The
 * control is the same command, which does not read what the file has.
 */
@Slow
class BatchRunFT {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** In 7 folders. */
    private static final int PHOTOS = Reliability.sized(2000, 280);

    private static final int IN_FLIGHT = 32;
    private static final int KILLS = 2;
    private static final int SECONDS = 300;

    /** The keys of the file are not taken for done. */
    private static final Change RESUME =
            new Change("batch/ResultFile.java", "done.add(", "String.valueOf(");

    @TempDir private Path folder;

    /** What became of a run that was killed. */
    private record Outcome(Map<String, Integer> timesById, long computed, String said) {}

    @Test
    void aFolderThatIsInterruptedTwice() throws Exception {
        Map<String, byte[]> photos = photos();
        Path images = folder.resolve("photos");
        for (Map.Entry<String, byte[]> photo : photos.entrySet()) {
            Path file = images.resolve(photo.getKey());
            Files.createDirectories(file.getParent());
            Files.write(file, photo.getValue());
        }
        assertGoesOn(run("folder", images.toString(), List.of(), List.of()), photos, "");
        Outcome control = run("control", images.toString(), List.of(), List.of(RESUME));
        assertTrue(control.timesById.values().stream().anyMatch(times -> times > 1), control.said);
        assertTrue(control.computed > PHOTOS + KILLS * IN_FLIGHT, control.computed + " computed");
    }

    @Test
    void aBucketThatIsInterruptedTwice() throws Exception {
        Map<String, byte[]> photos = photos();
        try (ObjectServer store = new ObjectServer()) {
            store.bucket("photos", "eu-central-1", "111122223333", true);
            for (Map.Entry<String, byte[]> photo : photos.entrySet()) {
                store.put("photos", "in/" + photo.getKey(), Reply.of(photo.getValue(), "1"));
            }
            store.put("photos", "out/other.jpg", Reply.of(new byte[1], "1"));
            String endpoint = "--s3-endpoint=http://127.0.0.1:" + store.port();
            List<String> more = List.of(endpoint, "--s3-region=eu-central-1");
            assertGoesOn(
                    run("bucket", "s3://photos/in/", more, List.of()), photos, "s3://photos/in/");
            long read =
                    store.log().stream()
                            .map(ObjectServer.Request::target)
                            .filter(target -> target.endsWith(".jpg"))
                            .count();
            assertTrue(read >= PHOTOS && read <= PHOTOS + KILLS * IN_FLIGHT, read + " read");
        }
    }

    private static void assertGoesOn(Outcome outcome, Map<String, byte[]> photos, String before) {
        Map<String, Integer> once = new TreeMap<>();
        photos.keySet().forEach(name -> once.put(before + name, 1));
        assertEquals(once, outcome.timesById, outcome.said);
        assertTrue(
                outcome.computed >= PHOTOS && outcome.computed <= PHOTOS + KILLS * IN_FLIGHT,
                outcome.computed + " computed of " + PHOTOS);
    }

    /** Kills the command twice and lets it come to its end. */
    private Outcome run(String name, String images, List<String> more, List<Change> off)
            throws Exception {
        Path home = Files.createDirectories(folder.resolve(name));
        Path results = home.resolve("results.jsonl");
        List<String> arguments = new ArrayList<>(List.of("run", images, "--out=" + results));
        arguments.add("--config=" + config(home));
        arguments.addAll(more);
        List<String> command = command(home, arguments, off);
        for (int kill = 1; kill <= KILLS; kill++) {
            Process process = start(command, home);
            try {
                await(process, home, results, (long) kill * PHOTOS / (KILLS + 2));
            } finally {
                process.destroyForcibly().waitFor();
            }
            // As if it had been killed amid a line.
            Files.writeString(results, "{\"id\":\"1/", StandardOpenOption.APPEND);
        }
        Process process = start(command, home);
        try {
            assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), () -> said(home));
            assertEquals(0, process.exitValue(), () -> said(home));
        } finally {
            process.destroyForcibly();
        }
        Map<String, Integer> times = new TreeMap<>();
        for (String line : Files.readAllLines(results)) {
            JsonNode result = JSON.readTree(line);
            assertEquals("ok", result.path("status").asText(), line);
            assertEquals(result.path("id"), result.path("url"), line);
            times.merge(result.path("id").asText(), 1, Integer::sum);
        }
        return new Outcome(times, Files.size(home.resolve("computed")), said(home));
    }

    private static void await(Process process, Path home, Path results, long lines)
            throws Exception {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!Files.exists(results) || lines(results) < lines) {
            assertTrue(process.isAlive() && System.nanoTime() < endNs, () -> said(home));
            Thread.sleep(5);
        }
    }

    private static long lines(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            return lines.count();
        }
    }

    private static String said(Path home) {
        try {
            return Files.readString(home.resolve("said"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static List<String> command(Path home, List<String> arguments, List<Change> off)
            throws IOException {
        List<String> command =
                CommandProcess.line(
                        List.of("-D" + CountingClassifier.FILE + "=" + home.resolve("computed")),
                        arguments);
        int classes = command.indexOf("-cp") + 1;
        Path changed = Undefended.changed(Files.createDirectories(home.resolve("off")), off);
        Path module = ModuleClasses.copy(home, CountingClassifier.class);
        command.set(
                classes,
                String.join(
                        File.pathSeparator,
                        changed.toString(),
                        command.get(classes),
                        module.toString()));
        return command;
    }

    private static Process start(List<String> command, Path home) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(
                                ProcessBuilder.Redirect.appendTo(home.resolve("said").toFile()));
        builder.environment().put("AWS_ACCESS_KEY_ID", ObjectServer.KEY_ID);
        builder.environment().put("AWS_SECRET_ACCESS_KEY", ObjectServer.SECRET);
        return builder.start();
    }

    private static Path config(Path home) throws IOException {
        Path bundle =
                ModuleClasses.bundle(
                        Path.of("src/test/resources/engines/crashing"),
                        Files.createDirectories(home.resolve("counting")),
                        CountingClassifier.class);
        return Files.writeString(
                home.resolve("worker.yaml"),
                """
                device: {type: host, simulate: '20,4'}
                admission: {messages: %d}
                models:
                  - {task: safety, bundle: %s}
                """
                        .formatted(IN_FLIGHT, bundle));
    }

    /** Variants of the smallest photo, each a file of its own, by names that are hard to write. */
    private static Map<String, byte[]> photos() {
        byte[] photo =
                SamplePhotos.all().entrySet().stream()
                        .filter(one -> one.getKey().endsWith(".jpg"))
                        .map(Map.Entry::getValue)
                        .min(Comparator.comparingInt(bytes -> bytes.length))
                        .orElseThrow();
        Map<String, byte[]> photos = new HashMap<>();
        for (int i = 0; i < PHOTOS; i++) {
            photos.put("%d/a +%%20#? %d.jpg".formatted(i % 7, i), withComment(photo, "photo " + i));
        }
        return photos;
    }

    private static byte[] withComment(byte[] jpeg, String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(jpeg, 0, 2);
        out.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xFE, 0, (byte) (text.length() + 2)});
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        out.write(jpeg, 2, jpeg.length - 2);
        return out.toByteArray();
    }
}
