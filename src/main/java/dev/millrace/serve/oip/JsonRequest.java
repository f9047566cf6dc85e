package dev.millrace.serve.oip;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the JSON of one request, token by token and in one pass: no tree is built, and of images
 * only where they stand is kept until the whole object is read, since what they are may be said
 * behind them.
 */
final class JsonRequest {
    private static final int MAX_ID = 256;

    private final byte[] body;
    private final int length;
    private final int maxImages;
    private Optional<String> id = Optional.empty();
    private Optional<Duration> timeout = Optional.empty();
    private boolean binaryOutput;
    private InputTensor input;
    private final List<WantedOutput> wanted = new ArrayList<>();

    /** An output as it was named; its form may follow from what is said later. */
    private record WantedOutput(Output output, Optional<Boolean> binary) {}

    /**
     * @param length of the JSON; what follows it is binary data
     */
    JsonRequest(byte[] body, int length, int maxImages) {
        this.body = body;
        this.length = length;
        this.maxImages = maxImages;
    }

    InferenceRequest read() throws BadRequestException {
        try (JsonParser json = Json.parser(body, length)) {
            readObject(json);
        } catch (JsonProcessingException e) {
            throw Json.broken(e);
        } catch (IOException | RuntimeException e) {
            throw Json.unreadable(e);
        }
        if (input == null) {
            throw new BadRequestException("inputs is missing; give a list of one input, 'image'");
        }
        List<RequestedOutputs.Named> named =
                wanted.stream()
                        .map(
                                one ->
                                        new RequestedOutputs.Named(
                                                one.output, one.binary.orElse(binaryOutput)))
                        .toList();
        return new InferenceRequest(
                id, input.images(body, length), timeout, new RequestedOutputs(named, binaryOutput));
    }

    private void readObject(JsonParser json) throws IOException, BadRequestException {
        Json.require(json.nextToken(), JsonToken.START_OBJECT, "the request");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            switch (name) {
                case "id" -> id = id(json, value);
                case "parameters" -> readParameters(json, value);
                case "inputs" -> readInputs(json, value);
                case "outputs" -> readOutputs(json, value);
                // Whatever else clients send (KServe's: model_name) changes no answer.
                default -> json.skipChildren();
            }
        }
        if (json.nextToken() != null) {
            throw new BadRequestException(
                    "something follows the JSON object at byte "
                            + json.currentTokenLocation().getByteOffset()
                            + "; send one object, and binary data only with "
                            + RequestReader.HEADER_LENGTH);
        }
    }

    private static Optional<String> id(JsonParser json, JsonToken value)
            throws IOException, BadRequestException {
        if (value == JsonToken.VALUE_NULL) {
            return Optional.empty();
        }
        String id = Json.text(json, value, "id");
        if (id.length() > MAX_ID) {
            throw new BadRequestException(
                    "id has "
                            + id.length()
                            + " characters; give at most "
                            + MAX_ID
                            + " characters");
        }
        // It goes into log lines.
        if (id.chars().anyMatch(Character::isISOControl)) {
            throw new BadRequestException("id contains control characters; remove them");
        }
        return id.isEmpty() ? Optional.empty() : Optional.of(id);
    }

    private void readParameters(JsonParser json, JsonToken value)
            throws IOException, BadRequestException {
        if (value == JsonToken.VALUE_NULL) {
            return;
        }
        Json.require(value, JsonToken.START_OBJECT, "parameters");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            JsonToken parameter = json.nextToken();
            switch (name) {
                case "timeout" -> {
                    long micros = Json.whole(json, parameter, "parameters.timeout");
                    if (micros < 0) {
                        throw new BadRequestException(
                                "parameters.timeout is "
                                        + micros
                                        + "; give microseconds, or 0 for no limit of your own");
                    }
                    timeout =
                            micros == 0
                                    ? Optional.empty()
                                    : Optional.of(Duration.of(micros, ChronoUnit.MICROS));
                }
                case "binary_data_output" ->
                        binaryOutput = Json.flag(parameter, "parameters.binary_data_output");
                default -> json.skipChildren();
            }
        }
    }

    private void readInputs(JsonParser json, JsonToken value)
            throws IOException, BadRequestException {
        Json.require(value, JsonToken.START_ARRAY, "inputs");
        JsonToken entry = json.nextToken();
        if (entry == JsonToken.END_ARRAY) {
            throw new BadRequestException("inputs is empty; give one input, 'image'");
        }
        Json.require(entry, JsonToken.START_OBJECT, "inputs[0]");
        input = InputTensor.read(json, body, maxImages);
        if (json.nextToken() != JsonToken.END_ARRAY) {
            throw new BadRequestException(
                    "inputs has more than one entry; give one input, 'image', with several images"
                            + " as its elements");
        }
    }

    private void readOutputs(JsonParser json, JsonToken value)
            throws IOException, BadRequestException {
        if (value == JsonToken.VALUE_NULL) {
            return;
        }
        Json.require(value, JsonToken.START_ARRAY, "outputs");
        for (JsonToken entry = json.nextToken();
                entry != JsonToken.END_ARRAY;
                entry = json.nextToken()) {
            String at = "outputs[" + wanted.size() + "]";
            Json.require(entry, JsonToken.START_OBJECT, at);
            WantedOutput one = output(json, at);
            if (wanted.stream().anyMatch(other -> other.output == one.output)) {
                throw new BadRequestException(
                        "outputs names '" + one.output.wireName() + "' twice; name it once");
            }
            wanted.add(one);
        }
    }

    private static WantedOutput output(JsonParser json, String at)
            throws IOException, BadRequestException {
        Optional<Output> output = Optional.empty();
        Optional<Boolean> binary = Optional.empty();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            switch (name) {
                case "name" -> {
                    String given = Json.text(json, value, at + ".name");
                    output = Output.named(given);
                    if (output.isEmpty()) {
                        throw new BadRequestException(
                                at
                                        + ".name is '"
                                        + RequestReader.shown(given)
                                        + "'; give one of: "
                                        + Output.names());
                    }
                }
                case "parameters" -> binary = form(json, value, at + ".parameters");
                default -> json.skipChildren();
            }
        }
        return new WantedOutput(
                output.orElseThrow(() -> new BadRequestException(at + ".name is missing; give it")),
                binary);
    }

    private static Optional<Boolean> form(JsonParser json, JsonToken value, String at)
            throws IOException, BadRequestException {
        Optional<Boolean> binary = Optional.empty();
        if (value == JsonToken.VALUE_NULL) {
            return binary;
        }
        Json.require(value, JsonToken.START_OBJECT, at);
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            JsonToken parameter = json.nextToken();
            switch (name) {
                case "binary_data" ->
                        binary = Optional.of(Json.flag(parameter, at + ".binary_data"));
                case "classification" ->
                        throw new BadRequestException(
                                at
                                        + ".classification is not served; take the output"
                                        + " 'scores' or 'verdict'");
                case "shared_memory_region" -> throw Json.sharedMemory(at);
                default -> json.skipChildren();
            }
        }
        return binary;
    }
}
