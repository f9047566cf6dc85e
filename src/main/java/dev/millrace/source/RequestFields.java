package dev.millrace.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.millrace.job.TraceParent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The fields of an object that somebody here asks for, token by token: no tree is built, since one
 * can be thirty times the size of its text. What other fields hold is checked to be JSON and
 * skipped.
 */
final class RequestFields {
    /** Those of a request, and those by which the bodies of others are recognised. */
    static final Set<String> OF_BODY =
            Set.of(
                    "id",
                    "url",
                    "task",
                    "tasks",
                    "callback_url",
                    "results",
                    "metadata",
                    "Event",
                    "Records",
                    "eventSource",
                    "Type",
                    "TopicArn",
                    "Message",
                    "source",
                    "detail-type",
                    "detail",
                    "region",
                    "specversion",
                    "data",
                    "data_base64",
                    TraceParent.HEADER,
                    TraceParent.STATE_HEADER);

    /** Of a list's entries, so many are kept; the others are counted. */
    private static final int MAX_ENTRIES = S3Events.MAX_RECORDS;

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

    private final String body;
    private final Map<String, Value> values = new HashMap<>();
    private final Set<String> repeated = new HashSet<>();

    /**
     * The value of a field.
     *
     * @param kind what it begins with
     * @param text of a string what it says, else null
     * @param entries of a list the first
     * @param size of a list
     * @param from where it begins in the body
     * @param to where it ends
     */
    record Value(JsonToken kind, String text, List<Value> entries, int size, int from, int to) {
        static final Value ABSENT = new Value(JsonToken.NOT_AVAILABLE, null, List.of(), 0, 0, 0);

        boolean isAbsent() {
            return kind == JsonToken.NOT_AVAILABLE || kind == JsonToken.VALUE_NULL;
        }

        boolean isText() {
            return kind == JsonToken.VALUE_STRING;
        }

        boolean isText(String one) {
            return one.equals(text);
        }

        boolean isList() {
            return kind == JsonToken.START_ARRAY;
        }

        boolean isObject() {
            return kind == JsonToken.START_OBJECT;
        }

        /** In words for whoever sent it. */
        String kindInWords() {
            return RequestFields.inWords(kind);
        }
    }

    private RequestFields(String body) {
        this.body = body;
    }

    /**
     * Reads a body.
     *
     * @param known names of fields that are kept
     * @throws MalformedRequestException where it is no JSON object
     * @throws JsonProcessingException where it is not JSON
     */
    static RequestFields of(String body, Set<String> known)
            throws MalformedRequestException, IOException {
        RequestFields fields = new RequestFields(body);
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
                fields.read(parser, known);
            }
            if (parser.nextToken() != null) {
                throw new MalformedRequestException(
                        "the body is not JSON: something follows the object; send one object");
            }
        }
        return fields;
    }

    private void read(JsonParser parser, Set<String> known) throws IOException {
        String name = parser.currentName();
        JsonToken kind = parser.nextToken();
        if (!known.contains(name)) {
            skip(parser);
        } else if (values.put(name, kind == JsonToken.START_ARRAY ? list(parser) : value(parser))
                != null) {
            repeated.add(name);
        }
    }

    private static Value value(JsonParser parser) throws IOException {
        JsonToken kind = parser.currentToken();
        int from = (int) parser.currentTokenLocation().getCharOffset();
        String text = kind == JsonToken.VALUE_STRING ? parser.getText() : null;
        skip(parser);
        return new Value(kind, text, List.of(), 0, from, end(parser));
    }

    private static Value list(JsonParser parser) throws IOException {
        int from = (int) parser.currentTokenLocation().getCharOffset();
        List<Value> entries = new ArrayList<>();
        int size = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (size++ < MAX_ENTRIES) {
                entries.add(value(parser));
            } else {
                skip(parser);
            }
        }
        return new Value(JsonToken.START_ARRAY, null, entries, size, from, end(parser));
    }

    private static int end(JsonParser parser) {
        return (int) parser.currentLocation().getCharOffset();
    }

    /** To the end of the value that the parser has begun. */
    private static void skip(JsonParser parser) throws IOException {
        parser.skipChildren();
        parser.finishToken();
    }

    /** The value of a field; throws where the body has several, of which none is more true. */
    Value get(String name) throws MalformedRequestException {
        if (repeated.contains(name)) {
            throw new MalformedRequestException(name + " is given twice; give it once");
        }
        return values.getOrDefault(name, Value.ABSENT);
    }

    /** A text that nothing else depends on; null where there is none, or more than one. */
    String textOrNull(String name) {
        return repeated.contains(name) ? null : values.getOrDefault(name, Value.ABSENT).text();
    }

    /** A value as it was written, character by character. */
    String asWritten(Value value) {
        return body.substring(value.from, value.to);
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
