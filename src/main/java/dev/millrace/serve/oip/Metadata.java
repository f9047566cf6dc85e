package dev.millrace.serve.oip;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Writes what is answered beside inference: health, what the server and its models are, errors. */
public final class Metadata {
    /** Of all bodies that are made here. */
    public static final String CONTENT_TYPE = "application/json";

    private static final String PLATFORM = "millrace";
    private static final int ANY = -1;

    private Metadata() {}

    /** {@code GET /v2}. */
    public static byte[] server(String name, String version) {
        return object(
                to -> {
                    to.writeStringField("name", name);
                    to.writeStringField("version", version);
                    to.writeArrayFieldStart("extensions");
                    to.writeString("binary_tensor_data");
                    to.writeString("parameters");
                    to.writeEndArray();
                });
    }

    /**
     * {@code GET /v2/models/{task}}.
     *
     * @param labels of a classifier, in the order of its scores; else empty
     */
    public static byte[] model(String task, String version, List<String> labels) {
        boolean classifier = !labels.isEmpty();
        return object(
                to -> {
                    to.writeStringField("name", task);
                    to.writeArrayFieldStart("versions");
                    to.writeString(version);
                    to.writeEndArray();
                    to.writeStringField("platform", PLATFORM);
                    to.writeArrayFieldStart("inputs");
                    writeTensor(to, "image", "BYTES", ANY);
                    to.writeEndArray();
                    to.writeArrayFieldStart("outputs");
                    for (Output output : Output.of(classifier)) {
                        if (output == Output.SCORES) {
                            writeTensor(
                                    to, output.wireName(), output.datatype(), ANY, labels.size());
                        } else {
                            writeTensor(to, output.wireName(), output.datatype(), ANY);
                        }
                    }
                    to.writeEndArray();
                    if (classifier) {
                        to.writeArrayFieldStart("labels");
                        for (String label : labels) {
                            to.writeString(label);
                        }
                        to.writeEndArray();
                    }
                });
    }

    /** {@code GET /v2/health/live}. */
    public static byte[] live(boolean live) {
        return object(to -> to.writeBooleanField("live", live));
    }

    /** {@code GET /v2/health/ready}. */
    public static byte[] ready(boolean ready) {
        return object(to -> to.writeBooleanField("ready", ready));
    }

    /** {@code GET /v2/models/{task}/ready}. */
    public static byte[] modelReady(String task, boolean ready) {
        return object(
                to -> {
                    to.writeStringField("name", task);
                    to.writeBooleanField("ready", ready);
                });
    }

    /** The body of every answer that is an error. */
    public static byte[] error(String line) {
        return object(to -> to.writeStringField("error", line));
    }

    private static void writeTensor(JsonGenerator to, String name, String datatype, int... shape)
            throws IOException {
        to.writeStartObject();
        to.writeStringField("name", name);
        to.writeStringField("datatype", datatype);
        to.writeFieldName("shape");
        to.writeArray(shape, 0, shape.length);
        to.writeEndObject();
    }

    private interface Fields {
        void write(JsonGenerator to) throws IOException;
    }

    private static byte[] object(Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator to = Json.FACTORY.createGenerator(bytes)) {
            to.writeStartObject();
            fields.write(to);
            to.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("an answer cannot be written to memory", e);
        }
        return bytes.toByteArray();
    }
}
