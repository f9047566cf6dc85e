package dev.millrace.batch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.millrace.config.ConfigException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads the lines of a file of results, one at a time and without a tree of their JSON, so that
 * neither a long line nor a long file takes memory.
 */
final class ResultLines {
    /** The JSON of a line may be no longer; results have bounds far below it. */
    private static final int MAX_LINE_BYTES = 16 << 20;

    private static final int MAX_SHOWN_CHARACTERS = 100;
    private static final JsonFactory JSON = new JsonFactory();

    private ResultLines() {}

    /** Takes the lines of a file, in order. */
    interface Taker {
        /**
         * @param line of JSON, with its line feed
         * @param isError whether the image has no verdict
         */
        void take(byte[] line, String id, boolean isError) throws IOException;
    }

    /** What a run has to know of a line. */
    private record Line(String id, boolean isError, Set<String> tasks) {}

    /**
     * Hands over the whole lines of a file. Throws {@link ConfigException} with one line where one
     * of them is no result, or has not exactly these tasks.
     *
     * @return how many bytes these lines have; what follows is half a line
     */
    static long read(Path path, FileChannel file, Set<String> tasks, Taker taker)
            throws IOException {
        ByteBuffer block = ByteBuffer.allocate(1 << 16);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        long whole = 0;
        long number = 1;
        for (long at = 0; file.read(block.clear(), at) > 0; at += block.position()) {
            byte[] bytes = block.array();
            int from = 0;
            for (int i = 0; i < block.position(); i++) {
                if (bytes[i] == '\n') {
                    line.write(bytes, from, i + 1 - from);
                    from = i + 1;
                    byte[] json = line.toByteArray();
                    Line read = check(json, tasks, where(number, path));
                    taker.take(json, read.id, read.isError);
                    whole += json.length;
                    number++;
                    line.reset();
                }
            }
            line.write(bytes, from, block.position() - from);
            if (line.size() > MAX_LINE_BYTES) {
                throw noResult(where(number, path));
            }
        }
        return whole;
    }

    private static String where(long number, Path path) {
        return "line %d of '%s'".formatted(number, path);
    }

    private static ConfigException noResult(String where) {
        return new ConfigException(
                "--out: %s is no result; name a file that a run has written, or a new one"
                        .formatted(where));
    }

    private static Line check(byte[] json, Set<String> tasks, String where) {
        Line line = parse(json).orElseThrow(() -> noResult(where));
        if (!line.tasks.equals(tasks)) {
            throw new ConfigException(
                    "--out: %s has results of %s, and not of %s; name another file"
                            .formatted(
                                    where,
                                    shown(line.tasks),
                                    String.join(" and ", new TreeSet<>(tasks))));
        }
        return line;
    }

    /** Names from the file, which may hold anything. */
    private static String shown(Set<String> names) {
        String all = String.join(" and ", names).replaceAll("[^\\p{L}\\p{N} ._-]", "?");
        return all.isBlank()
                ? "no task"
                : all.substring(0, Math.min(all.length(), MAX_SHOWN_CHARACTERS));
    }

    private static Optional<Line> parse(byte[] json) {
        String id = null;
        String status = null;
        Set<String> tasks = null;
        try (JsonParser in = JSON.createParser(json)) {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String name = in.currentName();
                in.nextToken();
                switch (name) {
                    case "id" -> id = text(in);
                    case "status" -> status = text(in);
                    case "results" -> tasks = names(in);
                    default -> in.skipChildren();
                }
            }
            if (id == null || tasks == null || in.nextToken() != null) {
                return Optional.empty();
            }
            return Optional.of(new Line(id, !"ok".equals(status), tasks));
        } catch (IOException e) {
            // Bytes that are no characters are an IOException of their own.
            return Optional.empty();
        }
    }

    private static String text(JsonParser in) throws IOException {
        if (in.currentToken() == JsonToken.VALUE_STRING) {
            return in.getText();
        }
        in.skipChildren();
        return null;
    }

    private static Set<String> names(JsonParser in) throws IOException {
        if (in.currentToken() != JsonToken.START_OBJECT) {
            in.skipChildren();
            return null;
        }
        Set<String> names = new TreeSet<>();
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            names.add(in.currentName());
            in.nextToken();
            in.skipChildren();
        }
        return names;
    }
}
