package dev.millrace.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The test server's signatures are those of AWS's own examples for S3. */
final class SigV4Test {
    private static final String EMPTY =
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/test.txt | | range | bytes=0-9 | f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
                "/ | lifecycle | | | fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
                "/ | max-keys=2&prefix=J | | | 34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
            })
    void isThatOfTheExamples(
            String path, String query, String more, String value, String expected) {
        Map<String, String> headers = new TreeMap<>();
        headers.put("host", "examplebucket.s3.amazonaws.com");
        headers.put("x-amz-content-sha256", EMPTY);
        headers.put("x-amz-date", "20130524T000000Z");
        if (more != null) {
            headers.put(more, value);
        }
        List<String> signed = new ArrayList<>(headers.keySet());
        assertEquals(
                expected,
                new SigV4("GET", path, query, headers, signed, "20130524T000000Z", "us-east-1")
                        .signature("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"));
    }
}
