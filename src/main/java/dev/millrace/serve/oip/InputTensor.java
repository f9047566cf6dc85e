package dev.millrace.serve.oip;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The one input of a request, as its JSON describes it. What it says is held against each other and
 * against the body once all of it is read.
 */
final class InputTensor {
    private static final String AT = "inputs[0]";
    private static final String NAME = "image";
    private static final int MAX_RANK = 8;
    private static final int ABSENT = -1;

    private final int maxImages;
    private String name;
    private String datatype;
    private List<Long> shape;
    private List<TextSpan> data;
    private String content = "";
    private long binarySize = ABSENT;

    private InputTensor(int maxImages) {
        this.maxImages = maxImages;
    }

    /** Reads the object that the parser has begun. */
    static InputTensor read(JsonParser json, byte[] body, int maxImages)
            throws IOException, BadRequestException {
        InputTensor input = new InputTensor(maxImages);
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            JsonToken value = json.nextToken();
            switch (field) {
                case "name" -> input.name = Json.text(json, value, AT + ".name");
                case "datatype" -> input.datatype = Json.text(json, value, AT + ".datatype");
                case "shape" -> input.shape = shape(json, value);
                case "parameters" -> input.readParameters(json, value);
                case "data" -> {
                    // KServe's client writes what it does not have.
                    if (value != JsonToken.VALUE_NULL) {
                        input.data = TextSpan.list(json, value, body, AT + ".data", maxImages);
                    }
                }
                default -> json.skipChildren();
            }
        }
        input.requireImages();
        return input;
    }

    private static List<Long> shape(JsonParser json, JsonToken value)
            throws IOException, BadRequestException {
        Json.require(value, JsonToken.START_ARRAY, AT + ".shape");
        List<Long> shape = new ArrayList<>(2);
        for (JsonToken size = json.nextToken();
                size != JsonToken.END_ARRAY;
                size = json.nextToken()) {
            shape.add(Json.whole(json, size, AT + ".shape[" + shape.size() + "]"));
            if (shape.size() > MAX_RANK) {
                throw new BadRequestException(
                        AT + ".shape has too many dimensions; give [n] or [n,1] for n images");
            }
        }
        return shape;
    }

    private void readParameters(JsonParser json, JsonToken value)
            throws IOException, BadRequestException {
        if (value == JsonToken.VALUE_NULL) {
            return;
        }
        String at = AT + ".parameters";
        Json.require(value, JsonToken.START_OBJECT, at);
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String parameter = json.currentName();
            JsonToken found = json.nextToken();
            switch (parameter) {
                case "binary_data_size" -> {
                    binarySize = Json.whole(json, found, at + ".binary_data_size");
                    if (binarySize < 0) {
                        throw new BadRequestException(
                                at
                                        + ".binary_data_size is "
                                        + binarySize
                                        + "; give the number of bytes behind the JSON");
                    }
                }
                case "content" -> {
                    content = Json.text(json, found, at + ".content");
                    if (!content.equals("url") && !content.equals("base64")) {
                        throw new BadRequestException(
                                at
                                        + ".content is '"
                                        + RequestReader.shown(content)
                                        + "'; give 'url', or leave it out where data is the"
                                        + " images");
                    }
                }
                case "shared_memory_region" -> throw Json.sharedMemory(at);
                default -> json.skipChildren();
            }
        }
    }

    private void requireImages() throws BadRequestException {
        requireWord("name", name, NAME, "the one input is 'image'");
        requireWord("datatype", datatype, "BYTES", "send whole image files as BYTES");
        if (shape == null) {
            throw new BadRequestException(AT + ".shape is missing; give [n] for n images");
        }
        boolean fits = shape.size() == 1 || shape.size() == 2 && shape.get(1) == 1;
        if (!fits || shape.getFirst() < 1) {
            throw new BadRequestException(
                    AT + ".shape is " + shape + "; give [n] or [n,1] for n images");
        }
        if (shape.getFirst() > maxImages) {
            throw new BadRequestException(
                    AT
                            + ".shape says "
                            + shape.getFirst()
                            + " images; send at most "
                            + maxImages
                            + " in one request");
        }
    }

    private static void requireWord(String field, String found, String wanted, String why)
            throws BadRequestException {
        if (!wanted.equals(found)) {
            throw new BadRequestException(
                    AT
                            + "."
                            + field
                            + " is "
                            + (found == null ? "missing" : "'" + RequestReader.shown(found) + "'")
                            + "; give '"
                            + wanted
                            + "': "
                            + why);
        }
    }

    /**
     * The images.
     *
     * @param from where binary data begins in the body
     */
    List<ImageSource> images(byte[] body, int from) throws BadRequestException {
        int count = Math.toIntExact(shape.getFirst());
        int behind = body.length - from;
        if (binarySize == ABSENT) {
            if (behind > 0) {
                throw new BadRequestException(
                        behind
                                + " bytes follow the JSON, but "
                                + AT
                                + ".parameters.binary_data_size is missing; give it");
            }
            if (data == null) {
                throw new BadRequestException(
                        AT
                                + ".data is missing; give base64 of the image, or"
                                + " binary_data_size and the bytes behind the JSON");
            }
            return texts(body, count);
        }
        if (data != null) {
            throw new BadRequestException(
                    AT + " has both data and binary_data_size; give one of them");
        }
        if (binarySize != behind) {
            throw new BadRequestException(
                    AT
                            + ".parameters.binary_data_size is "
                            + binarySize
                            + ", but "
                            + behind
                            + " bytes follow the JSON; they must be the same");
        }
        if (content.equals("base64")) {
            throw new BadRequestException(
                    AT
                            + ".parameters.content is 'base64', but its data is binary; send the"
                            + " images as they are and leave it out");
        }
        return BinaryElements.read(body, from, count, content.equals("url"));
    }

    private List<ImageSource> texts(byte[] body, int count) throws BadRequestException {
        if (data.size() != count) {
            throw new BadRequestException(
                    AT
                            + ".shape says "
                            + count
                            + (count == 1 ? " image" : " images")
                            + ", but data has "
                            + data.size()
                            + "; they must be the same");
        }
        List<ImageSource> images = new ArrayList<>(count);
        for (TextSpan text : data) {
            String at = AT + ".data[" + images.size() + "]";
            images.add(
                    content.equals("url")
                            ? ImageUrl.of(text.text(body, at), at)
                            : new ImageSource.Bytes(text.base64(body, at)));
        }
        return images;
    }
}
