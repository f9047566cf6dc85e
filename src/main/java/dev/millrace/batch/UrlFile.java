package dev.millrace.batch;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.config.ConfigException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A file of URLs, read line by line: plain text, JSON lines (each begins with a brace), or a table
 * ({@code .csv}) with a line of names first.
 */
final class UrlFile {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private UrlFile() {}

    /** Hands over the images of a file; mistakes in it come as they are met. */
    static void each(Path file, Columns columns, Consumer<BatchImage> taker) throws IOException {
        try (BufferedReader in = Files.newBufferedReader(file)) {
            in.mark(1);
            if (in.read() != BYTE_ORDER_MARK) {
                in.reset();
            }
            if (file.toString().toLowerCase(Locale.ROOT).endsWith(".csv")) {
                table(new CsvReader(in, file.toString()), columns, taker);
            } else {
                lines(in, file, taker);
            }
        }
    }

    private static void table(CsvReader rows, Columns columns, Consumer<BatchImage> taker)
            throws IOException {
        Optional<List<String>> names = rows.next();
        if (names.isEmpty()) {
            return;
        }
        Columns.Found found = columns.in(names.get(), rows.where());
        for (Optional<List<String>> row = rows.next(); row.isPresent(); row = rows.next()) {
            taker.accept(found.image(row.get(), rows.where()));
        }
    }

    private static void lines(BufferedReader in, Path file, Consumer<BatchImage> taker)
            throws IOException {
        int number = 0;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            number++;
            String text = line.strip();
            if (!text.isEmpty() && !text.startsWith("#")) {
                taker.accept(line(text, "IMAGE: line " + number + " of '" + file + "'"));
            }
        }
    }

    private static BatchImage line(String text, String where) {
        if (!text.startsWith("{")) {
            ImageWords.requireImage(where, text);
            return BatchImage.of(text);
        }
        JsonNode line;
        Optional<String> metadata;
        try {
            line = JSON.readTree(text);
            metadata = metadata(text);
        } catch (IOException e) {
            throw new ConfigException(
                    where + ": it is not JSON; write it like {\"url\": \"https://…\"}");
        }
        JsonNode url = line.path("url");
        JsonNode id = line.path("id");
        if (!url.isTextual() || !(id.isTextual() || id.isMissingNode() || id.isNull())) {
            throw new ConfigException(
                    "%s: %s is no string; write it like {\"url\": \"https://…\", \"id\": \"a1\", \"metadata\": {}}"
                            .formatted(where, url.isTextual() ? "id" : "url"));
        }
        ImageWords.requireImage(where, url.textValue());
        return new BatchImage(url.textValue(), Optional.ofNullable(id.textValue()), metadata);
    }

    /** As it is written, since a reader of numbers would change them. */
    private static Optional<String> metadata(String line) throws IOException {
        try (JsonParser parser = JSON.createParser(line)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean found = parser.currentName().equals("metadata");
                parser.nextToken();
                int from = (int) parser.currentTokenLocation().getCharOffset();
                parser.skipChildren();
                parser.finishToken();
                if (found) {
                    int to = (int) parser.currentLocation().getCharOffset();
                    return Optional.of(line.substring(from, to));
                }
            }
            return Optional.empty();
        }
    }
}
