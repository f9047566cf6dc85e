package dev.millrace.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The fields of a body that a request may have, token by token: no tree is built, since one can be
 * thirty times the size of its text. What other fields hold is checked to be JSON and skipped.
 */
final class RequestFields {
    private static final Set<String> KNOWN =
            Set.of("id", "url", "task", "tasks", "callback_url", "results", "metadata", "Event");

    private static final Set<String> AS_WRITTEN = Set.of("metadata", "results");

    /** Of a list's entries, so many are kept; the others are counted. */
    private static final int MAX_ENTRIES = 32;

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(32)
                                    .maxNumberLength(1000)
                                    .maxStringLength(RequestParser.MAX_BODY_BYTES)
                                    .maxDocumentLength(RequestParser.MAX_BODY_BYTES)
                                    .build())
                    // Names that strangers chose are not to stay for the life of the process.
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .build();

    private final Map<String, Value> values = new HashMap<>();

    /**
     * The value of a field.
     *
     * @param kind what it begins with
     * @param text of a string what it says, of metadata and results the value as it was written,
     *     else null
     * @param entries of a list the first
     * @param size of a list
     */
    record Value(JsonToken kind, String text, List<Value> entries, int size) {
        static final Value ABSENT = new Value(JsonToken.NOT_AVAILABLE, null, List.of(), 0);

        boolean isAbsent() {
            return kind == JsonToken.NOT_AVAILABLE || kind == JsonToken.VALUE_NULL;
        }

        boolean isText() {
            return kind == JsonToken.VALUE_STRING;
        }

        boolean isList() {
            return kind == JsonToken.START_ARRAY;
        }

        /** In words for whoever sent it. */
        String kindInWords() {
            return RequestFields.inWords(kind);
        }
    }

    private RequestFields() {}

    /**
     * Reads a body.
     *
     * @throws MalformedRequestException where it is no JSON object
     * @throws JsonProcessingException where it is not JSON
     */
    static RequestFields of(String body) throws MalformedRequestException, IOException {
        RequestFields fields = new RequestFields();
        try (JsonParser parser = JSON.createParser(body)) {
            JsonToken first = parser.nextToken();
            if (first != JsonToken.START_OBJECT) {
                // Whether it is JSON at all is said first.
                parser.skipChildren();
                parser.finishToken();
                throw new MalformedRequestException(
                        "the body is " + inWords(first) + "; a request is a JSON object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                fields.read(parser, parser.currentName(), body);
            }
            if (parser.nextToken() != null) {
                throw new MalformedRequestException(
                        "the body is not JSON: something follows the object; send one object");
            }
        }
        return fields;
    }

    private void read(JsonParser parser, String name, String body)
            throws MalformedRequestException, IOException {
        parser.nextToken();
        if (!KNOWN.contains(name)) {
            skip(parser);
            return;
        }
        Value value = AS_WRITTEN.contains(name) ? asWritten(parser, body) : value(parser);
        if (values.put(name, value) != null) {
            throw new MalformedRequestException(name + " is given twice; give it once");
        }
    }

    private static Value value(JsonParser parser) throws IOException {
        JsonToken kind = parser.currentToken();
        if (kind == JsonToken.START_ARRAY) {
            return list(parser);
        }
        String text = kind == JsonToken.VALUE_STRING ? parser.getText() : null;
        skip(parser);
        return new Value(kind, text, List.of(), 0);
    }

    private static Value list(JsonParser parser) throws IOException {
        List<Value> entries = new ArrayList<>();
        int size = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            JsonToken kind = parser.currentToken();
            if (size++ < MAX_ENTRIES) {
                String text = kind == JsonToken.VALUE_STRING ? parser.getText() : null;
                entries.add(new Value(kind, text, List.of(), 0));
            }
            skip(parser);
        }
        return new Value(JsonToken.START_ARRAY, null, entries, size);
    }

    private static Value asWritten(JsonParser parser, String body) throws IOException {
        JsonToken kind = parser.currentToken();
        int from = (int) parser.currentTokenLocation().getCharOffset();
        skip(parser);
        int to = (int) parser.currentLocation().getCharOffset();
        return new Value(kind, body.substring(from, to), List.of(), 0);
    }

    /** To the end of the value that the parser has begun. */
    private static void skip(JsonParser parser) throws IOException {
        parser.skipChildren();
        parser.finishToken();
    }

    Value get(String name) {
        return values.getOrDefault(name, Value.ABSENT);
    }

    private static String inWords(JsonToken kind) {
        return switch (kind) {
            case null -> "empty";
            case START_ARRAY -> "a list";
            case START_OBJECT -> "an object";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            default -> "not a JSON value";
        };
    }
}
