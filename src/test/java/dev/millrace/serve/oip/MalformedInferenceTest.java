package dev.millrace.serve.oip;

import static dev.millrace.serve.oip.Requests.bytes;
import static dev.millrace.serve.oip.Requests.elements;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is no request is one line that says what, where and what to do. */
class MalformedInferenceTest {
    private static final String DATA = "'data':['AAAA']";
    private static final String REST = "'name':'image','datatype':'BYTES'";
    private static final String INPUT = "{" + REST + ",'shape':[1]," + DATA + "}";

    private static String line(Requests request) {
        BadRequestException e = assertThrows(BadRequestException.class, request::read);
        assertEquals(400, e.status(), e.getMessage());
        assertTrue(e.getMessage().matches("[^\\p{Cntrl}]{10,400}"), e.getMessage());
        return e.getMessage();
    }

    private static String ofJson(String json) {
        return line(Requests.json(json.replace('\'', '"')));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'shape':[1]                           | inputs[0].data is missing; give base64",
                "'shape':[1],'data':null               | inputs[0].data is missing; give base64",
                "'data':['AAAA']                       | inputs[0].shape is missing; give [n] for n",
                "'shape':[],'data':[]                  | inputs[0].shape is []; give [n] or [n,1]",
                "'shape':[0],'data':[]                 | inputs[0].shape is [0]; give [n] or [n,1]",
                "'shape':[-1],'data':['AAAA']          | inputs[0].shape is [-1]; give [n] or [n,1]",
                "'shape':[1,2],'data':['AAAA','AAAA']  | inputs[0].shape is [1, 2]; give [n] or",
                "'shape':[1,1,1],'data':['AAAA']       | inputs[0].shape is [1, 1, 1]; give [n] or",
                "'shape':[1,1,1,1,1,1,1,1,1,1]         | inputs[0].shape has too many dimensions;",
                "'shape':[5]                           | inputs[0].shape says 5 images; send at most 4",
                "'shape':[9223372036854775807]         | inputs[0].shape says 9223372036854775807 ima",
                "'shape':[4294967297]                  | inputs[0].shape says 4294967297 images; send",
                "'shape':[99999999999999999999]        | inputs[0].shape[0] is too large a number; gi",
                "'shape':[1.0]                         | inputs[0].shape[0] is not a whole number; gi",
                "'shape':['1']                         | inputs[0].shape[0] is a string; give a whole",
                "'shape':[[1]]                         | inputs[0].shape[0] is a list; give a whole n",
                "'shape':1                             | inputs[0].shape is a number; give a list",
                "'shape':[2],'data':['AAAA']           | inputs[0].shape says 2 images, but data has 1;",
                "'shape':[1],'data':['AAAA','AAAA']    | inputs[0].shape says 1 image, but data has 2;",
                "'shape':[1],'data':[]                 | inputs[0].shape says 1 image, but data has 0;",
                "'shape':[1],'data':'AAAA'             | inputs[0].data is a string; give a list",
                "'shape':[1],'data':[7]                | inputs[0].data[0] is a number; give a string",
                "'shape':[2],'data':['AAAA',{'b64':1}] | inputs[0].data[1] is an object; give a string",
                "'shape':[1],'data':[null]             | inputs[0].data[0] is null; give a string",
                "'shape':[1],'data':[[['AAAA']]]       | inputs[0].data has lists within lists; give",
                "'shape':[1],'data':['']               | inputs[0].data[0] is empty; send a whole ima",
                "'shape':[1],'data':['A']              | inputs[0].data[0] is not base64; send the fi",
                "'shape':[1],'data':['AA-_']           | inputs[0].data[0] is not base64; send the fi",
                "'shape':[1],'data':['AAAA=']          | inputs[0].data[0] is not base64; send the fi",
                "'shape':[1],'data':['AA AA']          | inputs[0].data[0] is not base64; send the fi",
                "'shape':[1],'data':['data:;base64,A'] | inputs[0].data[0] is not base64; send the fi",
                "'shape':[1],'data':['ÄÄÄÄ']           | inputs[0].data[0] is not base64; send the fi",
                "'data':['A','A','A','A','A']          | inputs[0].data has more than 4 images; send",
                "'parameters':[]                       | inputs[0].parameters is a list; give an obje",
                "'parameters':{'content':'png'}        | inputs[0].parameters.content is 'png'; give",
                "'parameters':{'content':1}            | inputs[0].parameters.content is a number; gi",
                "'parameters':{'binary_data_size':-1}  | inputs[0].parameters.binary_data_size is -1;",
                "'parameters':{'binary_data_size':'1'} | inputs[0].parameters.binary_data_size is a s",
                "'parameters':{'binary_data_size':1e1} | inputs[0].parameters.binary_data_size is not",
                "'parameters':{'shared_memory_region':'a'} | inputs[0].parameters.shared_memory_regio",
                "'shape':[1],'parameters':{'binary_data_size':9} | inputs[0].parameters.binary_data_s",
                "'shape':[1],'shape':[1]               | the JSON is broken at byte 65: Duplicate field",
                "'shape':[1],'data':['a'],'parameters':{'content':'url','content':'url'} | the JSON is",
                "'shape':[1],'data':[' '],'parameters':{'content':'url'} | inputs[0].data[0] is empty;",
                "'shape':[1],'data':['a\\n'],'parameters':{'content':'url'} | inputs[0].data[0] contai",
                "'shape':[1],'data':['\\ud83d'],'parameters':{'content':'url'} | inputs[0].data[0] con",
            })
    void ofTheInput(String rest, String line) {
        assertStarts(line, ofJson("{'inputs':[{" + REST + "," + rest + "}]}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}                                    | inputs is missing; give a list of one input",
                "[]                                    | the JSON does not begin with '{'; send one o",
                "7                                     | the JSON does not begin with '{'; send one o",
                "{'inputs':[]}                         | inputs is empty; give one input, 'image'",
                "{'inputs':{}}                         | inputs is an object; give a list",
                "{'inputs':null}                       | inputs is null; give a list",
                "{'inputs':[1]}                        | inputs[0] is a number; give an object",
                "{'inputs':[IN,IN]}                    | inputs has more than one entry; give one inp",
                "{'inputs':[IN],'inputs':[IN]}         | the JSON is broken at byte 84: Duplicate fie",
                "{'inputs':[{'datatype':'BYTES'}]}     | inputs[0].name is missing; give 'image': the",
                "{'inputs':[{'name':'IN0'}]}           | inputs[0].name is 'IN0'; give 'image': the o",
                "{'inputs':[{'name':'image'}]}         | inputs[0].datatype is missing; give 'BYTES':",
                "{'inputs':[{'name':'image','datatype':'UINT8'}]} | inputs[0].datatype is 'UINT8'; giv",
                "{'id':7}                              | id is a number; give a string",
                "{'id':'a\\u0000'}                     | id contains control characters; remove them",
                "{'id':'\\ude00'}                      | id contains half of a surrogate pair; send w",
                "{'parameters':7}                      | parameters is a number; give an object",
                "{'parameters':{'timeout':-1}}         | parameters.timeout is -1; give microseconds,",
                "{'parameters':{'timeout':'50ms'}}     | parameters.timeout is a string; give a whole",
                "{'parameters':{'timeout':0.5}}        | parameters.timeout is not a whole number; gi",
                "{'parameters':{'timeout':9223372036854775808}} | parameters.timeout is too large a n",
                "{'parameters':{'binary_data_output':1}} | parameters.binary_data_output is a number;",
                "{'outputs':{}}                        | outputs is an object; give a list",
                "{'outputs':['scores']}                | outputs[0] is a string; give an object",
                "{'outputs':[{}]}                      | outputs[0].name is missing; give it",
                "{'outputs':[{'name':'scores'},{'name':'boxes'}]} | outputs[1].name is 'boxes'; give o",
                "{'outputs':[{'name':'label'},{'name':'label'}]} | outputs names 'label' twice; name i",
                "{'outputs':[{'name':'label','parameters':1}]} | outputs[0].parameters is a number; gi",
                "{'outputs':[{'parameters':{'binary_data':'y'}}]} | outputs[0].parameters.binary_data ",
                "{'outputs':[{'parameters':{'classification':3}}]} | outputs[0].parameters.classificat",
                "{'outputs':[{'parameters':{'shared_memory_region':'r'}}]} | outputs[0].parameters.sha",
                "{'inputs':[IN]}{}                     | something follows the JSON object at byte 76",
                "{'inputs':[IN]} x                     | the JSON is broken at byte 7",
                "{'inputs':[IN]                        | the JSON is broken at byte 7",
                "{'inputs':[IN],}                      | the JSON is broken at byte 7",
                "{inputs:[IN]}                         | the JSON is broken at byte 1: Unexpected char",
                "{'x':00}                              | the JSON is broken at byte 6: Invalid numeric",
                "{'x':'\\x'}                           | the JSON is broken at byte 7: Unrecognized ch",
                "{'x':NaN}                             | the JSON is broken at byte ",
                "{'x'                                  | the JSON is broken at byte 4: Unexpected end",
            })
    void ofTheRequest(String json, String line) {
        assertStarts(
                line, ofJson(json.replace("[IN", "[" + INPUT).replace(",IN]", "," + INPUT + "]")));
    }

    private static void assertStarts(String start, String line) {
        assertTrue(line.startsWith(start), () -> line + "\n  is not\n" + start);
        assertTrue(line.contains("; "), line);
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 1000, 100_000})
    void deepJson(int depth) {
        assertStarts(
                "the JSON is broken: Document nesting depth (17) exceeds the maximum allowed (16)",
                ofJson("{'x':" + "[".repeat(depth) + "]".repeat(depth) + "}"));
    }

    @Test
    void manyTokensLongNamesAndLongNumbers() {
        assertStarts("the JSON is broken", ofJson("{'x':[" + "1,".repeat(200_000) + "1]}"));
        assertStarts("the JSON is broken: Name length", ofJson("{'" + "n".repeat(10_000) + "':1}"));
        assertStarts("the JSON is broken", ofJson("{'x':" + "1".repeat(10_000) + "}"));
        assertStarts("the JSON is broken", ofJson("{'id':'" + "i".repeat(100_000) + "'}"));
        assertStarts(
                "id has 300 characters; give at most", ofJson("{'id':'" + "i".repeat(300) + "'}"));
    }

    @Test
    void aLongUrl() {
        String url = "http://i/" + "u".repeat(2048);
        String parameters = "'parameters':{'content':'url'}";
        assertStarts(
                "inputs[0].data[0] has 2057 characters; give a URL of at most 2048 characters",
                ofJson(
                        "{'inputs':[{%s,'shape':[1],%s,'data':['%s']}]}"
                                .formatted(REST, parameters, url)));
    }

    static Stream<Object[]> otherEncodings() {
        String json = "{\"inputs\":[]}";
        return Stream.of(
                new Object[] {"\ufeff" + json, StandardCharsets.UTF_8, "byte order mark"},
                new Object[] {json, StandardCharsets.UTF_16LE, "begin with"},
                new Object[] {json, StandardCharsets.UTF_16BE, "begin with"},
                new Object[] {"\ufeff" + json, StandardCharsets.UTF_16LE, "begin with"},
                new Object[] {json, StandardCharsets.UTF_32LE, "begin with"},
                new Object[] {json, StandardCharsets.UTF_32BE, "begin with"});
    }

    @ParameterizedTest
    @MethodSource("otherEncodings")
    void otherEncodings(String json, java.nio.charset.Charset charset, String why) {
        String line = line(Requests.bare("application/json", json.getBytes(charset)));
        assertTrue(line.contains(why), line);
    }

    @Test
    void textThatIsNoUtf8() {
        byte[] body = "{\"id\":\"aa\"}".getBytes(StandardCharsets.UTF_8);
        body[7] = (byte) 0xff;
        assertStarts("the JSON is broken at byte", line(Requests.bare("application/json", body)));
    }

    private static String binary(String size, String shape, byte[] data) {
        return line(
                Requests.binary(
                        "{'inputs':[{%s,'shape':%s,'parameters':{'binary_data_size':%s}}]}"
                                .formatted(REST, shape, size)
                                .replace('\'', '"'),
                        data));
    }

    @Test
    void binaryData() {
        byte[] one = elements(bytes(1, 2, 3));
        byte[] two = elements(bytes(1), bytes(2));
        assertStarts(
                "inputs[0].parameters.binary_data_size is 8, but 7 bytes", binary("8", "[1]", one));
        assertStarts(
                "inputs[0].parameters.binary_data_size is 6, but 7 bytes", binary("6", "[1]", one));
        assertStarts(
                "inputs[0].parameters.binary_data_size is 4294967303, but 7 bytes",
                binary("4294967303", "[1]", one));
        assertStarts(
                "inputs[0].parameters.binary_data_size is too large a number",
                binary("18446744073709551623", "[1]", one));
        assertStarts("the binary data ends after 1 of 2 elements;", binary("7", "[2]", one));
        assertStarts("5 bytes follow the last of 1 elements", binary("10", "[1]", two));
        assertStarts("the binary data ends after 0 of 1 elements", binary("0", "[1]", new byte[0]));
        assertStarts("element 0 of the binary data is cut off", binary("3", "[1]", new byte[3]));
        assertStarts("element 0 of the binary data is empty; ", binary("4", "[1]", new byte[4]));
        for (int first : new int[] {4, 0x7f, 0xff}) {
            byte[] wrong = one.clone();
            wrong[0] = (byte) first;
            assertStarts(
                    "element 0 of the binary data says that it has " + first + " bytes, but 3",
                    binary("7", "[1]", wrong));
        }
        byte[] negative = bytes(0xff, 0xff, 0xff, 0xff, 1);
        assertStarts(
                "element 0 of the binary data says that it has 4294967295 bytes, but 1",
                binary("5", "[1]", negative));
    }

    @Test
    void binaryDataThatNobodyDescribes() {
        String input = "{'inputs':[" + INPUT + "]}";
        assertStarts(
                "2 bytes follow the JSON, but inputs[0].parameters.binary_data_size is missing",
                line(Requests.binary(input.replace('\'', '"'), new byte[2])));
        String both = input.replace("'shape'", "'parameters':{'binary_data_size':2},'shape'");
        assertStarts(
                "inputs[0] has both data and binary_data_size; give one of them",
                line(Requests.binary(both.replace('\'', '"'), new byte[2])));
        String base64 =
                both.replace("'binary_data_size':2", "'binary_data_size':2,'content':'base64'")
                        .replace("," + DATA, "");
        assertStarts(
                "inputs[0].parameters.content is 'base64', but its data is binary;",
                line(Requests.binary(base64.replace('\'', '"'), new byte[2])));
        byte[] noUtf8 = elements(bytes('h', 0xff));
        String url = base64.replace("base64", "url").replace(":2", ":6").replace('\'', '"');
        assertStarts(
                "element 0 of the binary data is not UTF-8; give a URL",
                line(Requests.binary(url, noUtf8)));
        byte[] large = elements(new byte[8193]);
        assertStarts(
                "element 0 of the binary data has 8193 bytes; give a URL of at most 2048",
                line(Requests.binary(url.replace(":6", ":8197"), large)));
    }

    @Test
    void headerLengths() {
        byte[] body = "{}ab".getBytes(StandardCharsets.UTF_8);
        for (int length : new int[] {-1, 5, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            assertStarts(
                    "Inference-Header-Content-Length is " + length + ", but the body has 4 bytes;",
                    line(new Requests("application/octet-stream", OptionalInt.of(length), body)));
        }
        assertStarts(
                "Inference-Header-Content-Length is 0, so the body would be the image",
                line(new Requests("application/json", OptionalInt.of(0), body)));
        assertStarts(
                "Inference-Header-Content-Length is 2, so the body would begin with JSON",
                line(new Requests("image/png", OptionalInt.of(2), body)));
        assertStarts(
                "the JSON does not begin with '{'",
                line(new Requests(null, OptionalInt.of(1), body)));
    }

    @Test
    void nothing() {
        for (String type : new String[] {null, "image/png", "application/json"}) {
            assertStarts("the body is empty; send", line(Requests.bare(type, new byte[0])));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/plain | Content-Type is 'text/plain', which is not served; send the image as",
                "image/ | Content-Type is 'image/', which is not served; send the image as",
                "image/a b | Content-Type is 'image/a b', which is not served; send the image as",
                "image | Content-Type is 'image', which is not served; send the image as",
                "video/mp4;a=b | Content-Type is 'video/mp4', which is not served; send the image as",
                "application/json; charset=utf-16 | Content-Type is application/json in another",
                "application/json;charset=latin1 | Content-Type is application/json in another",
                "multipart/form-data; boundary=x | Content-Type is multipart/form-data, which is",
            })
    void contentTypesThatAreNotServed(String type, String line) {
        BadRequestException e =
                assertThrows(
                        BadRequestException.class,
                        () -> Requests.bare(type, new byte[] {1}).read());
        assertEquals(415, e.status());
        assertStarts(line, e.getMessage());
    }
}
