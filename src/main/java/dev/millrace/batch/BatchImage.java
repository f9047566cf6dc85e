package dev.millrace.batch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import java.util.Optional;

/**
 * One image of many, as the user names it.
 *
 * @param url where it is: a URL, or the path below the folder
 * @param id that the user gives it
 * @param metadata JSON that comes back with its result, character by character
 */
public record BatchImage(String url, Optional<String> id, Optional<String> metadata) {
    public static BatchImage of(String url) {
        return new BatchImage(url, Optional.empty(), Optional.empty());
    }

    /** Writes what a message says of it. */
    public void into(ObjectNode body) {
        id.ifPresent(text -> body.put("id", text));
        body.put("url", url);
        metadata.ifPresent(text -> body.putRawValue("metadata", new RawValue(text)));
    }
}
