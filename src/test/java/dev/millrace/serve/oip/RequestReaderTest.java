package dev.millrace.serve.oip;

import static dev.millrace.serve.oip.Requests.base64;
import static dev.millrace.serve.oip.Requests.bytes;
import static dev.millrace.serve.oip.Requests.elements;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every form of a request, and each of its fields where it is well formed. */
class RequestReaderTest {
    private static final byte[] CAT = bytes(0xff, 0xd8, 0xff, 1, 2, 3, 0xfb, 0xef);
    private static final byte[] DOG = bytes(0x89, 'P', 'N', 'G', 0, 0);

    private static byte[] image(InferenceRequest request, int number) {
        return ((ImageSource.Bytes) request.images().get(number)).image();
    }

    private static InferenceRequest withInput(String rest) throws BadRequestException {
        return Requests.json(
                        "{\"inputs\":[{\"name\":\"image\",\"datatype\":\"BYTES\"," + rest + "}]}")
                .read();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "image/jpeg",
                "IMAGE/PNG; q=1",
                "image/svg+xml",
                "application/octet-stream",
                "application/x-www-form-urlencoded"
            })
    void theBodyIsTheImage(String contentType) throws Exception {
        InferenceRequest request = Requests.bare(contentType, CAT).read();
        assertSame(CAT, request.images().getFirst() instanceof ImageSource.Bytes b ? b.image() : 0);
        assertEquals(1, request.images().size());
        assertEquals(Optional.empty(), request.id());
        assertEquals(Optional.empty(), request.timeout());
        assertEquals(RequestedOutputs.ALL_JSON, request.outputs());
    }

    @Test
    void theRawFormOfTritonIsAnsweredInBinary() throws Exception {
        for (String type : new String[] {null, "application/octet-stream", "image/jpeg"}) {
            InferenceRequest request =
                    RequestReader.read(type, OptionalInt.of(0), CAT, Requests.MAX_IMAGES);
            assertSame(CAT, image(request, 0));
            assertEquals(RequestedOutputs.ALL_BINARY, request.outputs());
        }
    }

    /** What nobody has said to be JSON is JSON where it begins so: no image does. */
    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "application/json",
                "application/json; charset=utf-8",
                "application/json;charset=\"UTF-8\"",
                "application/x-www-form-urlencoded"
            })
    void jsonIsReadAsJson(String contentType) throws Exception {
        String json =
                " \r\n\t{\"inputs\":[{\"name\":\"image\",\"shape\":[1],\"datatype\":\"BYTES\","
                        + "\"data\":[\"%s\"]}]} ".formatted(base64(CAT));
        InferenceRequest request = Requests.bare(contentType, Requests.json(json).body()).read();
        assertArrayEquals(CAT, image(request, 0));
    }

    @Test
    void octetsAreAnImageEvenWhereTheyBeginAsJson() throws Exception {
        byte[] body = bytes('{', '}');
        assertSame(body, image(Requests.bare("application/octet-stream", body).read(), 0));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[1] | ['A']",
                "[1,1] | ['A']",
                "[1,1] | [['A']]",
                "[2] | ['A','B']",
                "[2] | [ [ 'A' , 'B' ] ]",
                "[2,1] | [['A'],['B']]",
                "[2,1] | ['A',['B']]",
                "[2,1] | [[],['A'],[],['B']]",
            })
    void dataIsFlatOrNested(String shape, String data) throws Exception {
        String images = data.replace('\'', '"').replace("A", base64(CAT)).replace("B", base64(DOG));
        for (String input :
                List.of(
                        "\"shape\":%s,\"data\":%s".formatted(shape, images),
                        "\"data\":%s ,\"shape\":%s".formatted(images, shape),
                        "\"data\" : %s\n,\"parameters\":{\"content\":\"base64\"},\"shape\":%s"
                                .formatted(images, shape))) {
            InferenceRequest request = withInput(input);
            assertArrayEquals(CAT, image(request, 0));
            if (data.contains("B")) {
                assertArrayEquals(DOG, image(request, 1));
            }
            assertEquals(data.contains("B") ? 2 : 1, request.images().size());
        }
    }

    /** PHP escapes each slash, and many encoders break lines. */
    @Test
    void base64MayHoldEscapes() throws Exception {
        String base64 = base64(CAT);
        assertEquals("/9j/AQID++8=", base64);
        for (String escaped :
                List.of(
                        base64.replace("/", "\\/"),
                        "\\u002f" + base64.substring(1),
                        base64.substring(0, 4) + "\\n" + base64.substring(4) + "\\r\\n")) {
            InferenceRequest request =
                    withInput("\"shape\":[2],\"data\":[\"%s\",\"AAAA\"]".formatted(escaped));
            assertArrayEquals(CAT, image(request, 0));
            assertArrayEquals(new byte[3], image(request, 1));
        }
    }

    /** JSON has no order of members: what data is may be said behind it. */
    @Test
    void theMembersOfAnInputComeInAnyOrder() throws Exception {
        List<String> members =
                List.of(
                        "\"name\":\"image\"",
                        "\"datatype\":\"BYTES\"",
                        "\"shape\":[2]",
                        "\"data\":[\"http://i/a\",\"http://i/b\"]",
                        "\"parameters\":{\"content\":\"url\"}");
        List<List<String>> orders = orders(members);
        assertEquals(120, orders.size());
        for (List<String> order : orders) {
            String input = "{\"inputs\":[{" + String.join(" , ", order) + "}]}";
            assertEquals(
                    List.of(new ImageSource.Url("http://i/a"), new ImageSource.Url("http://i/b")),
                    Requests.json(input).read().images(),
                    input);
        }
    }

    private static List<List<String>> orders(List<String> of) {
        if (of.isEmpty()) {
            return List.of(List.of());
        }
        List<List<String>> all = new ArrayList<>();
        for (String first : of) {
            for (List<String> rest : orders(of.stream().filter(one -> one != first).toList())) {
                List<String> order = new ArrayList<>(List.of(first));
                order.addAll(rest);
                all.add(order);
            }
        }
        return all;
    }

    @Test
    void urlsInJsonAndInBinary() throws Exception {
        InferenceRequest json =
                withInput(
                        "\"shape\":[2],\"data\":[\"https:\\/\\/i/\\u00e9.jpg\",\"http://i/b\"],"
                                + "\"parameters\":{\"content\":\"url\"}");
        assertEquals(
                List.of(new ImageSource.Url("https://i/é.jpg"), new ImageSource.Url("http://i/b")),
                json.images());
        byte[] url = "https://i/é.jpg".getBytes(StandardCharsets.UTF_8);
        InferenceRequest binary =
                Requests.binary(
                                "{\"inputs\":[{\"name\":\"image\",\"shape\":[1],\"datatype\":"
                                        + "\"BYTES\",\"parameters\":{\"content\":\"url\","
                                        + "\"binary_data_size\":"
                                        + (url.length + 4)
                                        + "}}]}",
                                elements(url))
                        .read();
        assertEquals(List.of(new ImageSource.Url("https://i/é.jpg")), binary.images());
    }

    @ParameterizedTest
    @ValueSource(strings = {"[2]", "[2,1]"})
    void severalImagesInBinary(String shape) throws Exception {
        byte[] data = elements(CAT, DOG);
        InferenceRequest request =
                Requests.binary(
                                "{\"inputs\":[{\"name\":\"image\",\"shape\":"
                                        + shape
                                        + ",\"datatype\":\"BYTES\",\"data\":null,\"parameters\":"
                                        + "{\"binary_data_size\":"
                                        + data.length
                                        + ",\"own\":{\"a\":[1]}}}]}",
                                data)
                        .read();
        assertArrayEquals(CAT, image(request, 0));
        assertArrayEquals(DOG, image(request, 1));
        assertEquals(2, request.images().size());
    }

    /** The C++ client says how long the JSON is where nothing follows it, too. */
    @Test
    void aHeaderLengthOfTheWholeBody() throws Exception {
        Requests json =
                Requests.json(
                        "{\"inputs\":[{\"name\":\"image\",\"shape\":[1],\"datatype\":\"BYTES\","
                                + "\"data\":[\"AAAA\"]}]}");
        InferenceRequest request =
                RequestReader.read(null, OptionalInt.of(json.body().length), json.body(), 1);
        assertArrayEquals(new byte[3], image(request, 0));
    }

    private static final String INPUT =
            "\"inputs\":[{\"name\":\"image\",\"shape\":[1],\"datatype\":\"BYTES\","
                    + "\"data\":[\"AAAA\"]}]";

    @Test
    void idTimeoutAndWhatIsIgnored() throws Exception {
        InferenceRequest request =
                Requests.json(
                                "{\"id\":\"é \\\"1\\\"\",\"model_name\":\"safety\",\"parameters\":"
                                        + "{\"timeout\":50000,\"priority\":1,\"sequence_id\":\"a\","
                                        + "\"mine\":[{}]},"
                                        + INPUT
                                        + ",\"extra\":{\"a\":[[1.5e3,null]]}}")
                        .read();
        assertEquals(Optional.of("é \"1\""), request.id());
        assertEquals(Optional.of(Duration.ofMillis(50)), request.timeout());
        assertEquals(RequestedOutputs.ALL_JSON, request.outputs());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"id\":\"\",",
                "\"id\":null,\"parameters\":null,\"outputs\":null,",
                "\"parameters\":{\"timeout\":0},\"outputs\":[],",
                "\"parameters\":{},"
            })
    void whatSaysNothing(String fields) throws Exception {
        InferenceRequest request = Requests.json("{" + fields + INPUT + "}").read();
        assertEquals(Optional.empty(), request.id());
        assertEquals(Optional.empty(), request.timeout());
        assertEquals(RequestedOutputs.ALL_JSON, request.outputs());
    }

    @Test
    void theLongestTimeout() throws Exception {
        String json = "{\"parameters\":{\"timeout\":9223372036854775807}," + INPUT + "}";
        assertEquals(
                9_223_372_036_854L, Requests.json(json).read().timeout().orElseThrow().toSeconds());
    }

    @Test
    void outputsAreInTheOrderAndFormThatIsAskedFor() throws Exception {
        String outputs =
                "\"outputs\":[{\"name\":\"scores\",\"parameters\":{\"binary_data\":false}},"
                        + "{\"parameters\":{\"x\":1},\"name\":\"verdict\"},"
                        + "{\"name\":\"label\",\"parameters\":null}],";
        for (boolean binary : new boolean[] {true, false}) {
            String form = "\"parameters\":{\"binary_data_output\":" + binary + "}";
            List<RequestedOutputs.Named> named =
                    List.of(
                            new RequestedOutputs.Named(Output.SCORES, false),
                            new RequestedOutputs.Named(Output.VERDICT, binary),
                            new RequestedOutputs.Named(Output.LABEL, binary));
            for (String json :
                    List.of(
                            "{" + outputs + form + "," + INPUT + "}",
                            "{" + form + "," + outputs + INPUT + "}")) {
                assertEquals(
                        new RequestedOutputs(named, binary), Requests.json(json).read().outputs());
            }
        }
        assertEquals(
                RequestedOutputs.ALL_BINARY,
                Requests.json("{\"parameters\":{\"binary_data_output\":true}," + INPUT + "}")
                        .read()
                        .outputs());
    }

    @Test
    void outputsOfAnotherKindOfModelAreRefused() throws Exception {
        RequestedOutputs outputs =
                Requests.json("{\"outputs\":[{\"name\":\"scores\"}]," + INPUT + "}")
                        .read()
                        .outputs();
        outputs.requireOf("safety", true);
        RequestedOutputs.ALL_JSON.requireOf("objects", false);
        assertEquals(
                "outputs names 'scores', which model 'objects' does not have; it has: verdict",
                assertThrows(BadRequestException.class, () -> outputs.requireOf("objects", false))
                        .getMessage());
    }

    @ParameterizedTest
    @CsvSource({"0,0", "17,17", "' 8 ',8", "999999999,999999999"})
    void theHeaderOfTheLength(String value, int length) throws Exception {
        assertEquals(OptionalInt.of(length), RequestReader.headerLength(value));
        assertEquals(OptionalInt.empty(), RequestReader.headerLength(null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "-1", "+1", "1.0", "0x1", "1 2", "9999999999", "٣", "1,1", "1\u0000"})
    void aHeaderOfTheLengthThatIsNoNumber(String value) {
        assertEquals(
                "Inference-Header-Content-Length is '"
                        + value.replace('\u0000', '?')
                        + "'; give the number of bytes of the JSON in front of the binary data",
                assertThrows(BadRequestException.class, () -> RequestReader.headerLength(value))
                        .getMessage());
    }
}
