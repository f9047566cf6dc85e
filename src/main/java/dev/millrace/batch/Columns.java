package dev.millrace.batch;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.config.ConfigException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which columns of a table are read.
 *
 * @param url name of the one with the URLs; a usual name where there is none
 * @param metadata names of those that become metadata
 */
public record Columns(Optional<String> url, List<String> metadata) {
    /** As columns of URLs are called, the likeliest first. */
    private static final List<String> USUAL =
            List.of("url", "image_url", "imageurl", "uri", "image", "link");

    private static final String ID = "id";

    /** A column of URLs by its usual name, and nothing else. */
    public static final Columns GUESSED = new Columns(Optional.empty(), List.of());

    public Columns {
        metadata = List.copyOf(metadata);
    }

    /** Which of a table's columns these are. */
    record Found(int url, int id, List<Integer> metadata, List<String> names) {
        /**
         * The image of a row.
         *
         * @param where names the row, for a mistake
         */
        BatchImage image(List<String> row, String where) {
            if (row.size() != names.size()) {
                throw new ConfigException(
                        "%s: it has %d columns, and the first line has %d; give each row as many"
                                .formatted(where, row.size(), names.size()));
            }
            ObjectNode values = JsonNodeFactory.instance.objectNode();
            metadata.forEach(at -> values.put(names.get(at), row.get(at)));
            String link = row.get(url).strip();
            ImageWords.requireImage(where, link);
            return new BatchImage(
                    link,
                    Optional.of(id).filter(at -> at >= 0).map(row::get).filter(t -> !t.isBlank()),
                    values.isEmpty() ? Optional.empty() : Optional.of(values.toString()));
        }
    }

    /**
     * Looks for them in the first line of a table.
     *
     * @param where names the line, for a mistake
     */
    Found in(List<String> names, String where) {
        int link =
                url.map(name -> at(names, name))
                        .orElseGet(
                                () ->
                                        USUAL.stream()
                                                .map(name -> at(names, name))
                                                .filter(at -> at >= 0)
                                                .findFirst()
                                                .orElse(-1));
        if (link < 0) {
            throw new ConfigException(
                    "%s: no column is called %s (there are %s); name the one with the URLs with --url-column"
                            .formatted(
                                    where,
                                    url.map(name -> "'" + name + "'")
                                            .orElse("like one of URLs, such as url"),
                                    String.join(", ", names)));
        }
        List<Integer> more = new ArrayList<>();
        for (String name : metadata) {
            int at = at(names, name);
            if (at < 0) {
                throw new ConfigException(
                        "%s: no column is called '%s' (there are %s); correct --metadata-columns"
                                .formatted(where, name, String.join(", ", names)));
            }
            more.add(at);
        }
        return new Found(link, at(names, ID), more, names);
    }

    private static int at(List<String> names, String name) {
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).strip().equalsIgnoreCase(name)) {
                return i;
            }
        }
        return -1;
    }
}
