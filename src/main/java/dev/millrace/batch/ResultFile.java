package dev.millrace.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.config.ConfigException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * The file of results, one line of JSON for each image, which is also what a run that goes on knows
 * of those before it. A line is there whole or is cut off by the next run. One process writes it.
 * {@link #open} comes first; then it is thread-safe.
 */
public final class ResultFile extends OutputStream {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path path;
    private final FileChannel file;
    private final UnaryOperator<String> names;
    private final Lines linesBefore;

    // Guarded by this.
    private final Map<String, Map<String, Long>> labels = new TreeMap<>();
    private long written;
    private long failed;

    private ResultFile(
            Path path, FileChannel file, UnaryOperator<String> names, Lines linesBefore) {
        this.linesBefore = linesBefore;
        this.path = path;
        this.file = file;
        this.names = names;
    }

    /**
     * Opens the file, cuts off half a line at its end, and adds the ids of the others to {@code
     * done}. Throws {@link ConfigException} with one line where that cannot be.
     *
     * @param tasks that all its results have
     * @param retryErrors whether the lines of images with an error are taken out, so that these
     *     images are not done
     * @param names makes of the URL that the worker was given that of the user
     */
    static ResultFile open(
            Path path,
            List<String> tasks,
            boolean retryErrors,
            DoneKeys done,
            UnaryOperator<String> names) {
        try {
            FileChannel file = open(path);
            try {
                Lines lines = read(path, file, Set.copyOf(tasks), retryErrors, done);
                file.truncate(lines.bytes);
                if (retryErrors && lines.errors > 0) {
                    file = withoutErrors(path, file, Set.copyOf(tasks));
                    lines = new Lines(lines.results - lines.errors, 0, file.size());
                }
                file.position(file.size());
                return new ResultFile(path, file, names, lines);
            } catch (IOException | RuntimeException e) {
                file.close();
                throw e;
            }
        } catch (UncheckedIOException e) {
            throw new ConfigException("--out: " + e.getMessage());
        } catch (IOException e) {
            throw new ConfigException(
                    "--out: '%s' cannot be written; name a file in a folder that is there and may be written to"
                            .formatted(path));
        }
    }

    private static FileChannel open(Path path) throws IOException {
        FileChannel file =
                FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        try {
            lock(path, file);
            return file;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Writes the lines without an error into a file beside it, which then takes its place: however
     * this ends, one of both is there whole.
     */
    private static FileChannel withoutErrors(Path path, FileChannel old, Set<String> tasks)
            throws IOException {
        // What a link leads to is replaced, and not the link.
        Path real = path.toRealPath();
        Path beside = real.resolveSibling(real.getFileName() + ".retry");
        Files.deleteIfExists(beside);
        FileChannel file = open(beside);
        try {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(file), 1 << 16);
            ResultLines.read(
                    path,
                    old,
                    tasks,
                    (line, _, isError) -> {
                        if (!isError) {
                            out.write(line);
                        }
                    });
            out.flush();
            file.force(true);
            Files.move(beside, real, StandardCopyOption.ATOMIC_MOVE);
            old.close();
            return file;
        } catch (IOException | RuntimeException e) {
            file.close();
            Files.deleteIfExists(beside);
            throw e;
        }
    }

    /** Of the process, so that it goes with it. */
    private static void lock(Path path, FileChannel file) throws IOException {
        boolean mine;
        try {
            mine = file.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            mine = false;
        }
        if (!mine) {
            throw new ConfigException(
                    "--out: another run writes to '%s'; wait for its end, or name another file"
                            .formatted(path));
        }
    }

    /**
     * What the file holds.
     *
     * @param results lines
     * @param errors lines of images with an error
     * @param bytes of whole lines
     */
    private record Lines(long results, long errors, long bytes) {}

    private static Lines read(
            Path path, FileChannel file, Set<String> tasks, boolean retryErrors, DoneKeys done)
            throws IOException {
        long[] counted = new long[2];
        long bytes =
                ResultLines.read(
                        path,
                        file,
                        tasks,
                        (_, id, isError) -> {
                            counted[0]++;
                            counted[1] += isError ? 1 : 0;
                            if (!isError || !retryErrors) {
                                done.add(id);
                            }
                        });
        return new Lines(counted[0], counted[1], bytes);
    }

    /** What the user calls the image at a URL. */
    String name(String url) {
        return names.apply(url);
    }

    /** Writes the result of the worker for one image, a line with its end. */
    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        ObjectNode result = (ObjectNode) JSON.readTree(bytes, from, count);
        String url = result.path("url").asText();
        String name = names.apply(url);
        if (name.equals(url)) {
            // As it is: metadata has to come back character by character.
            add(result, ByteBuffer.wrap(bytes, from, count));
        } else {
            add(result.put("url", name));
        }
    }

    /** Writes that there is no verdict, since the worker never came to one. */
    void failed(String id, String url, List<String> tasks, String why) throws IOException {
        ObjectNode result = JSON.createObjectNode().put("id", id).put("status", "error");
        result.put("url", names.apply(url));
        ObjectNode results = result.putObject("results");
        for (String task : tasks) {
            results.putObject(task).putObject("error").put("message", why);
        }
        result.putObject("error").put("message", why);
        add(result);
    }

    private void add(ObjectNode result) throws IOException {
        add(result, StandardCharsets.UTF_8.encode(result + "\n"));
    }

    private synchronized void add(ObjectNode result, ByteBuffer line) throws IOException {
        while (line.hasRemaining()) {
            file.write(line);
        }
        written++;
        if (!result.path("status").asText().equals("ok")) {
            failed++;
        }
        for (Map.Entry<String, JsonNode> task : result.path("results").properties()) {
            JsonNode label = task.getValue().path("label");
            if (label.isTextual()) {
                labels.computeIfAbsent(task.getKey(), _ -> new TreeMap<>())
                        .merge(label.textValue(), 1L, Long::sum);
            }
        }
    }

    @Override
    public void write(int value) {
        throw new UnsupportedOperationException("a result is written whole");
    }

    /** Results that the file had before this run. */
    public long before() {
        return linesBefore.results;
    }

    /** Of these, those that have an error. */
    public long failedBefore() {
        return linesBefore.errors;
    }

    /** Results that this run has written. */
    public synchronized long written() {
        return written;
    }

    /** Of these, those that have an error. */
    public synchronized long failed() {
        return failed;
    }

    /** How often each label came in this run, task by task, in words; empty where none has any. */
    public synchronized String labels() {
        return String.join(
                "; ",
                labels.entrySet().stream()
                        .map(
                                task ->
                                        task.getKey()
                                                + ": "
                                                + String.join(
                                                        ", ",
                                                        task.getValue().entrySet().stream()
                                                                .map(
                                                                        label ->
                                                                                label.getKey()
                                                                                        + " "
                                                                                        + label
                                                                                                .getValue())
                                                                .toList()))
                        .toList());
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
