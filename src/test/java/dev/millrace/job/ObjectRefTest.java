package dev.millrace.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an {@code s3://} URL means, and that writing it gives it back. */
final class ObjectRefTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "s3://photos/cat.jpg                | photos | cat.jpg        |",
                "S3://photos/cat.jpg                | photos | cat.jpg        |",
                "s3://photos/2026/a b+c%20d%2B.jpg  | photos | 2026/a b+c%20d%2B.jpg |",
                "s3://photos/Käse/ünï 猫.jpg         | photos | Käse/ünï 猫.jpg  |",
                "s3://photos//leading               | photos | /leading       |",
                "s3://photos/a//b/../c/.            | photos | a//b/../c/.    |",
                "s3://photos/a?b=c#d&e              | photos | a?b=c#d&e      |",
                "s3://my.dotted.bucket/k            | my.dotted.bucket | k    |",
                "s3://photos/k?versionId=3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY | photos | k | 3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY",
                "s3://photos/k?versionId=null       | photos | k              | null",
                "s3://photos/k?versionId=           | photos | k?versionId=   |",
                "s3://photos/k?versionId=a&b        | photos | k?versionId=a&b |",
                "s3://photos/a?versionId=1?versionId=2 | photos | a?versionId=1 | 2",
            })
    void takesTheKeyAsItIsWritten(String url, String bucket, String key, String version) {
        ObjectRef object = ObjectRef.parse(url);
        assertEquals(bucket, object.bucket());
        assertEquals(key, object.key());
        assertEquals(Optional.ofNullable(version), object.versionId());
        assertEquals(url.replace("S3:", "s3:"), object.toString());
        assertEquals(object, ObjectRef.parse(object.toString()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://",
                "s3:///key",
                "s3://ab/k",
                "s3://Photos/k",
                "s3://photos",
                "s3://photos/",
                "s3://photos/?versionId=1",
                "s3://a..b/k",
                "s3://evil.example:80@photos/k",
                "s3://pho tos/k",
                "s3://photos\n/k",
                "s3://-photos/k",
                "s3://xn--photos/k",
                "https://photos/k",
            })
    void refusesWhatNoBucketHasInOneLine(String url) {
        refused(() -> ObjectRef.parse(url), "; ");
    }

    @Test
    void refusesAKeyThatIsTooLongInUtf8() {
        assertEquals(512, ObjectRef.parse("s3://photos/" + "ü".repeat(512)).key().length());
        refused(() -> ObjectRef.parse("s3://photos/" + "ü".repeat(512) + "x"), "1025 bytes");
    }

    @Test
    void takesTheMarksOffAnEtag() {
        assertEquals(Optional.of("d41d8cd9-2"), withEtag("\"d41d8cd9-2\"").etag());
        assertEquals(Optional.of("d41d8cd9-2"), withEtag("d41d8cd9-2").etag());
        refused(() -> withEtag("a\r\nHost: x"), "etag");
    }

    /** It may become a part of a host's name. */
    @ParameterizedTest
    @ValueSource(strings = {"", "xn--a", "-a", "a-", "a.b", "evil.example/", "EU", "a b"})
    void refusesWhatIsNoRegion(String region) {
        refused(
                () ->
                        new ObjectRef(
                                "photos",
                                "k",
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(region)),
                "region");
    }

    @Test
    void aRequestKnowsTheObjectOfItsUrl() {
        assertEquals(
                Optional.of(ObjectRef.parse("s3://photos/cat.jpg")),
                request("s3://photos/cat.jpg").object());
        assertTrue(request("https://photos/cat.jpg").object().isEmpty());
        assertTrue(request("s3://Photos/cat.jpg").object().isEmpty());
    }

    private static void refused(Executable made, String said) {
        String line = assertThrows(IllegalArgumentException.class, made).getMessage();
        assertEquals(1, line.lines().count(), line);
        assertTrue(line.contains(said), line);
    }

    private static ObjectRef withEtag(String etag) {
        return new ObjectRef("photos", "k", Optional.empty(), Optional.of(etag), Optional.empty());
    }

    private static Request request(String url) {
        return new Request(
                "id",
                url,
                List.of("safety"),
                new Destination.Callback(HttpUrl.get("https://results.example/")),
                Optional.empty());
    }
}
