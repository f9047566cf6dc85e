package dev.millrace.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.testing.CommandProcess;
import dev.millrace.testing.ObjectServer;
import dev.millrace.verify.SamplePhotos;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code run} writes, says and leaves out, and the one line of each mistake. */
class RunIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir private Path folder;

    private Path results() {
        return folder.resolve("results.jsonl");
    }

    private Map<String, JsonNode> byId() throws IOException {
        Map<String, JsonNode> all = new TreeMap<>();
        for (String line : Files.readAllLines(results())) {
            JsonNode result = JSON.readTree(line);
            assertEquals(null, all.put(result.path("id").asText(), result), line);
        }
        return all;
    }

    private CommandProcess.End run(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("run", "--out=" + results()));
        all.addAll(List.of(arguments));
        return CommandProcess.run(
                120,
                List.of(
                        "-Dmillrace.home=" + Path.of("").toAbsolutePath(),
                        "-Daws.accessKeyId=" + ObjectServer.KEY_ID,
                        "-Daws.secretAccessKey=" + ObjectServer.SECRET),
                all);
    }

    private Path config() throws IOException {
        return Files.writeString(
                folder.resolve("worker.yaml"),
                """
                device: {type: host, simulate: '1,1'}
                fetch: {allowAddresses: [127.0.0.0/8], maxReceives: 1}
                models:
                  - {task: safety, bundle: %s}
                """
                        .formatted(Path.of("engines/safety").toAbsolutePath()));
    }

    @Test
    void theShippedModelOnAFolderAndAgainWithOneMore() throws Exception {
        Path photos = Files.createDirectory(folder.resolve("photos"));
        Map<String, byte[]> all = new TreeMap<>(SamplePhotos.all());
        for (Map.Entry<String, byte[]> photo : all.entrySet()) {
            Files.write(photos.resolve(photo.getKey()), photo.getValue());
        }
        Files.write(photos.resolve("broken.jpg"), new byte[] {1, 2, 3});
        CommandProcess.End end = run(photos.toString(), "--tasks=safety");
        assertEquals(1, end.code(), end.said());
        assertTrue(end.said().contains(all.size() + 1 + " images in "), end.said());
        assertTrue(end.said().contains(", 1 with an error"), end.said());
        assertTrue(end.said().contains("safety: "), end.said());
        Map<String, JsonNode> byId = byId();
        assertEquals(all.size() + 1, byId.size());
        assertEquals("error", byId.get("broken.jpg").path("status").asText());
        assertTrue(
                byId.get(all.keySet().iterator().next()).at("/results/safety/label").isTextual());

        Files.write(photos.resolve("more.jpg"), all.values().iterator().next());
        end = run(photos.toString(), "--tasks=safety");
        assertEquals(1, end.code(), "the file still has an error: " + end.said());
        assertTrue(end.said().contains("1 image in "), end.said());
        assertTrue(end.said().contains(all.size() + 1 + " left out"), end.said());
        assertTrue(end.said().contains("--retry-errors"), end.said());
        assertEquals(all.size() + 2, byId().size());

        Files.write(photos.resolve("broken.jpg"), all.values().iterator().next());
        end = run(photos.toString(), "--tasks=safety", "--retry-errors");
        assertEquals(0, end.code(), end.said());
        assertTrue(end.said().contains("1 image in "), end.said());
        assertEquals("ok", byId().get("broken.jpg").path("status").asText());
        assertEquals(all.size() + 2, byId().size());
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of("photos", "results.jsonl"), names(files));
        }
    }

    private static List<String> names(Stream<Path> files) {
        return files.map(file -> file.getFileName().toString()).sorted().toList();
    }

    /** Links, cycles and names in any script, each as docs/batch.md says. */
    @Test
    void linksAndNamesOfAnyKind() throws Exception {
        byte[] photo = SamplePhotos.all().values().iterator().next();
        Path real = Files.createDirectory(folder.resolve("real"));
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        List<String> plain = List.of("日本語.jpg", "naïve café.jpg", "два\nслова.jpg", "%41+b#c?.jpg");
        for (String name : plain) {
            Files.write(real.resolve(name), photo);
        }
        Files.write(elsewhere.resolve("target.jpg"), photo);
        Files.createSymbolicLink(real.resolve("link.jpg"), elsewhere.resolve("target.jpg"));
        Files.createSymbolicLink(real.resolve("dangling.jpg"), elsewhere.resolve("none.jpg"));
        Files.createSymbolicLink(real.resolve("cycle"), real);
        Files.createSymbolicLink(real.resolve("other"), elsewhere);
        Path linked = Files.createSymbolicLink(folder.resolve("linked"), real);
        CommandProcess.End end = run(linked.toString(), "--config=" + config());
        assertEquals(0, end.code(), end.said());
        TreeSet<String> urls = new TreeSet<>();
        byId().values().forEach(result -> urls.add(result.path("url").asText()));
        TreeSet<String> wanted = new TreeSet<>(plain);
        wanted.add("link.jpg");
        assertEquals(wanted, urls);

        // The ids are paths below the folder: the same names in another folder are the same images.
        Files.write(elsewhere.resolve("日本語.jpg"), photo);
        end = run(elsewhere.toString(), "--config=" + config());
        assertEquals(0, end.code(), end.said());
        assertTrue(end.said().contains("1 image in "), end.said());
        assertTrue(end.said().contains("; 1 left out, which "), end.said());
    }

    /** The same bytes are the same name in each locale, and no two names are one. */
    @Test
    void namesAreTheirBytesWhateverTheLocale() throws Exception {
        byte[] photo = SamplePhotos.all().values().iterator().next();
        Path photos = Files.createDirectory(folder.resolve("photos"));
        // By their bytes: a text could not have all of them.
        for (String name :
                List.of(
                        "%E6%97%A5%20%D7%A9.jpg",
                        "bad%FE.jpg",
                        "bad%FF.jpg",
                        // What the one before looks like in the file.
                        "bad%25FF.jpg")) {
            Files.write(Path.of(URI.create(photos.toUri() + name)), photo);
        }
        for (String locale : List.of("C", "C.UTF-8")) {
            CommandProcess.End end =
                    CommandProcess.run(
                            List.of("env", "LC_ALL=" + locale),
                            120,
                            List.of(),
                            List.of(
                                    "run",
                                    photos.toString(),
                                    "--out=" + results(),
                                    "--config=" + config()));
            assertEquals(0, end.code(), end.said());
            Map<String, List<String>> idsByUrl = new TreeMap<>();
            for (JsonNode result : byId().values()) {
                assertEquals("ok", result.path("status").asText(), end.said());
                idsByUrl.computeIfAbsent(result.path("url").asText(), _ -> new ArrayList<>())
                        .add(result.path("id").asText().replaceAll("[0-9a-f]{64}", "hash"));
            }
            assertEquals(
                    Map.of(
                            "\u65e5 \u05e9.jpg",
                            List.of("\u65e5 \u05e9.jpg"),
                            "bad%FE.jpg",
                            List.of("sha256:hash"),
                            "bad%FF.jpg",
                            List.of("bad%FF.jpg", "sha256:hash")),
                    idsByUrl,
                    end.said());
        }
    }

    /** Who wrote the file may be another one than who has the credentials. */
    @Test
    void aBucketThatOnlyALineOfAFileNamesHasToBeAllowed() throws Exception {
        try (ObjectServer store = new ObjectServer()) {
            store.bucket("photos", "eu-central-1", "111122223333", true);
            byte[] photo = SamplePhotos.all().values().iterator().next();
            store.put("photos", "a.jpg", ObjectServer.Reply.of(photo, "1"));
            Path list = Files.writeString(folder.resolve("list.txt"), "s3://photos/a.jpg\n");
            String[] arguments = {
                list.toString(),
                "--config=" + config(),
                "--s3-endpoint=http://127.0.0.1:" + store.port(),
                "--s3-region=eu-central-1"
            };
            CommandProcess.End end = run(arguments);
            assertEquals(2, end.code(), end.said());
            assertTrue(
                    end.said()
                            .contains(
                                    "IMAGES: '"
                                            + list
                                            + "' names the bucket 'photos', which nobody has allowed; add --allow-buckets=photos, or list it in fetch.s3.allowBuckets"),
                    end.said());
            assertEquals(List.of(), store.log());
            String[] allowed = Arrays.copyOf(arguments, arguments.length + 1);
            allowed[arguments.length] = "--allow-buckets=photos";
            end = run(allowed);
            assertEquals(0, end.code(), end.said());
            assertEquals("ok", byId().get("s3://photos/a.jpg").path("status").asText());
        }
    }

    @Test
    void aListWithErrorsAndMetadata() throws Exception {
        byte[] photo = SamplePhotos.all().values().iterator().next();
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        boolean there = exchange.getRequestURI().getPath().endsWith("photo");
                        exchange.sendResponseHeaders(there ? 200 : 503, there ? photo.length : -1);
                        if (there) {
                            exchange.getResponseBody().write(photo);
                        }
                    }
                });
        server.start();
        try {
            String host = "http://127.0.0.1:" + server.getAddress().getPort();
            Path list =
                    Files.writeString(
                            folder.resolve("list.jsonl"),
                            """
                            {"url":"%1$s/photo","id":"a","metadata":{"n": 1.50}}
                            {"url":"%1$s/photo","id":"a"}
                            {"url":"%1$s/down"}
                            {"url":"%1$s/photo","id":"%2$s"}
                            """
                                    .formatted(host, "x".repeat(300)));
            CommandProcess.End end = run(list.toString(), "--config=" + config());
            assertEquals(1, end.code(), end.said());
            assertTrue(end.said().contains("3 images in "), end.said());
            assertTrue(end.said().contains("2 with an error; 1 left out"), end.said());
            Map<String, JsonNode> byId = byId();
            assertEquals("ok", byId.get("a").path("status").asText());
            assertTrue(Files.readString(results()).contains("\"metadata\":{\"n\": 1.50}"));
            assertEquals("fetch_failed", byId.get(host + "/down").at("/error/kind").asText());
            assertEquals(
                    "id has 300 characters; give at most 256 characters",
                    byId.get("x".repeat(300)).at("/error/message").asText());
        } finally {
            server.stop(0);
        }
    }

    private void assertMistake(String line, String... arguments) {
        StringWriter err = new StringWriter();
        List<String> all = new ArrayList<>(List.of("run", "--out=" + results()));
        all.addAll(List.of(arguments));
        CommandLine commands = Millrace.commands();
        commands.setErr(new PrintWriter(err, true));
        assertEquals(Millrace.MISTAKE, commands.execute(all.toArray(String[]::new)), err::toString);
        assertEquals("millrace: " + line, err.toString().strip());
    }

    @Test
    void aMistakeIsOneLine() throws Exception {
        Path photos = Files.createDirectory(folder.resolve("photos"));
        assertMistake(
                "--tasks: missing; name the tasks for each image, such as --tasks safety", "x");
        assertMistake(
                "--tasks: there is no folder './engines/none'; name a task that has one, or its model with --model none=FOLDER",
                "--tasks=none",
                "x");
        assertMistake(
                "--model: 'none' is not a folder; give one that holds model.onnx and model.yaml",
                "--model=a=none",
                "x");
        assertMistake(
                "--tasks: no model serves 'objects'; use one of safety",
                "--tasks=objects",
                "--config=" + config(),
                photos.toString());
        assertMistake(
                "IMAGE: '%s' names no image; give a folder with images, or a file with URLs"
                        .formatted(photos),
                "--tasks=safety",
                photos.toString());
        Files.write(photos.resolve("a.jpg"), new byte[1]);
        Files.writeString(results(), "{\"id\":\"b\",\"results\":{\"objects\":{}}}\n");
        assertMistake(
                "--out: line 1 of '%s' has results of objects, and not of safety; name another file"
                        .formatted(results()),
                "--tasks=safety",
                photos.toString());
        Files.writeString(results(), "hello\n");
        assertMistake(
                "--out: line 1 of '%s' is no result; name a file that a run has written, or a new one"
                        .formatted(results()),
                "--tasks=safety",
                photos.toString());
        assertEquals("hello\n", Files.readString(results()));
        try (FileChannel other = FileChannel.open(results(), StandardOpenOption.WRITE);
                FileLock lock = other.lock()) {
            assertTrue(lock.isValid());
            assertMistake(
                    "--out: another run writes to '%s'; wait for its end, or name another file"
                            .formatted(results()),
                    "--tasks=safety",
                    photos.toString());
        }
    }
}
