package dev.millrace.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is understood of a store's refusals, and what is not believed. */
final class StoreErrorTest {
    private static StoreError of(String xml) {
        return StoreError.of(xml.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsTheCodeAndWhereTheBucketIs() {
        StoreError error =
                of(
                        """
                        <?xml version="1.0" encoding="UTF-8"?>
                        <Error><Code>AuthorizationHeaderMalformed</Code>
                        <Message>the region 'us-east-1' is wrong; expecting 'eu-west-1'</Message>
                        <Region>eu-west-1</Region><Endpoint>photos.s3.eu-west-1.amazonaws.com</Endpoint>
                        <Detail><Code>NotThis</Code></Detail></Error>""");
        assertEquals("AuthorizationHeaderMalformed", error.code());
        assertEquals(Optional.of("eu-west-1"), error.region());
        assertEquals(Optional.of("photos.s3.eu-west-1.amazonaws.com"), error.endpoint());
    }

    @Test
    void understandsWhatIsThereOfAnAnswerThatIsCutOff() {
        StoreError error = of("<Error><Code>NoSuchKey</Code><Message>The specified ke");
        assertEquals("NoSuchKey", error.code());
        assertEquals("", of("<html><body>502</body></html>").code());
        assertEquals("", of("not XML").code());
        assertEquals("", of("").code());
    }

    @Test
    void takesNoCodeOrRegionThatNoStoreHas() {
        assertEquals("", of("<Error><Code>a b\nc</Code></Error>").code());
        assertEquals("", of("<Error><Code>" + "x".repeat(65) + "</Code></Error>").code());
        assertEquals(Optional.empty(), of("<Error><Region>evil.test/x</Region></Error>").region());
    }

    @Test
    void readsNoFileAndExpandsNoEntity(@TempDir Path folder) throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "LeakedSecret");
        StoreError file =
                of(
                        "<!DOCTYPE Error [<!ENTITY x SYSTEM \"%s\">]><Error><Code>A&x;</Code></Error>"
                                .formatted(secret.toUri()));
        assertFalse(file.code().contains("Leaked"), file.code());
        StringBuilder bomb = new StringBuilder("<!DOCTYPE Error [<!ENTITY a0 \"xxxxxxxxxx\">");
        for (int i = 1; i < 20; i++) {
            bomb.append("<!ENTITY a%d \"%s\">".formatted(i, ("&a" + (i - 1) + ";").repeat(10)));
        }
        assertEquals("", of(bomb + "]><Error><Code>&a19;</Code></Error>").code());
    }

    @Test
    void findsTheRegionWhereverTheAnswerNamesIt() {
        StoreError none = of("");
        assertEquals(Optional.of("eu-west-1"), ObjectStore.region(none, "eu-west-1", null));
        assertEquals(
                Optional.of("us-west-2"),
                ObjectStore.region(
                        of("<Error><Endpoint>photos.s3-us-west-2.amazonaws.com</Endpoint></Error>"),
                        null,
                        null));
        assertEquals(
                Optional.of("ap-southeast-3"),
                ObjectStore.region(
                        none, null, "https://photos.s3.ap-southeast-3.amazonaws.com/cat.jpg"));
        assertEquals(
                Optional.empty(), ObjectStore.region(none, "a.b", "https://evil.example/cat.jpg"));
    }
}
