package dev.millrace.serve.oip;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;

/** Writes answers: JSON, and behind it the outputs that the caller wants as binary data. */
public final class AnswerWriter {
    private static final String JSON_TYPE = "application/json";
    private static final String BINARY_TYPE = "application/octet-stream";

    private AnswerWriter() {}

    /**
     * The answer to a request. The outputs that the caller named are of the model: {@link
     * RequestedOutputs#requireOf} has said so.
     *
     * @param images one for each image of the request, in its order
     */
    public static Answer answer(
            String model, String version, InferenceRequest request, List<ImageAnswer> images) {
        boolean classifier = images.getFirst().scores().length > 0;
        List<RequestedOutputs.Named> outputs = request.outputs().of(classifier);
        ByteArrayOutputStream json = new ByteArrayOutputStream(1024);
        ByteArrayOutputStream binary = new ByteArrayOutputStream(1024);
        try (JsonGenerator to = Json.FACTORY.createGenerator(json)) {
            to.writeStartObject();
            to.writeStringField("model_name", model);
            to.writeStringField("model_version", version);
            if (request.id().isPresent()) {
                to.writeStringField("id", request.id().get());
            }
            to.writeArrayFieldStart("outputs");
            for (RequestedOutputs.Named one : outputs) {
                write(to, binary, one, images);
            }
            to.writeEndArray();
            to.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("an answer cannot be written to memory", e);
        }
        if (outputs.stream().noneMatch(RequestedOutputs.Named::binary)) {
            return new Answer(json.toByteArray(), OptionalInt.empty(), JSON_TYPE);
        }
        int length = json.size();
        json.writeBytes(binary.toByteArray());
        return new Answer(json.toByteArray(), OptionalInt.of(length), BINARY_TYPE);
    }

    private static void write(
            JsonGenerator to,
            ByteArrayOutputStream binary,
            RequestedOutputs.Named one,
            List<ImageAnswer> images)
            throws IOException {
        Output output = one.output();
        to.writeStartObject();
        to.writeStringField("name", output.wireName());
        to.writeStringField("datatype", output.datatype());
        to.writeArrayFieldStart("shape");
        to.writeNumber(images.size());
        if (output == Output.SCORES) {
            to.writeNumber(images.getFirst().scores().length);
        }
        to.writeEndArray();
        if (one.binary()) {
            int before = binary.size();
            for (ImageAnswer image : images) {
                writeBinary(binary, output, image);
            }
            to.writeObjectFieldStart("parameters");
            to.writeNumberField("binary_data_size", binary.size() - before);
            to.writeEndObject();
        } else {
            to.writeArrayFieldStart("data");
            for (ImageAnswer image : images) {
                writeJson(to, output, image);
            }
            to.writeEndArray();
        }
        to.writeEndObject();
    }

    private static void writeJson(JsonGenerator to, Output output, ImageAnswer image)
            throws IOException {
        switch (output) {
            case VERDICT -> to.writeUTF8String(image.verdictJson(), 0, image.verdictJson().length);
            case LABEL -> to.writeString(image.label().orElse(""));
            case SCORES -> {
                for (float score : image.scores()) {
                    to.writeNumber(score);
                }
            }
        }
    }

    private static void writeBinary(
            ByteArrayOutputStream binary, Output output, ImageAnswer image) {
        switch (output) {
            case VERDICT -> writeElement(binary, image.verdictJson());
            case LABEL ->
                    writeElement(binary, image.label().orElse("").getBytes(StandardCharsets.UTF_8));
            case SCORES -> {
                ByteBuffer scores = littleEndian(Float.BYTES * image.scores().length);
                scores.asFloatBuffer().put(image.scores());
                binary.writeBytes(scores.array());
            }
        }
    }

    private static void writeElement(ByteArrayOutputStream binary, byte[] element) {
        binary.writeBytes(littleEndian(Integer.BYTES).putInt(element.length).array());
        binary.writeBytes(element);
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
