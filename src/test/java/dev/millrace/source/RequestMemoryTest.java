package dev.millrace.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.FailureException;
import dev.millrace.job.Request;
import dev.millrace.net.AddressRules;
import dev.millrace.net.UrlPolicy;
import dev.millrace.testing.Slow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a parsed message keeps is what is counted for it. */
@Isolated("it looks at the heap of the process")
@Slow
class RequestMemoryTest {
    private static final String URLS = "\"url\":\"http://i/a.jpg\",\"callback_url\":\"http://c/\"";
    private static final UrlPolicy CALLBACKS =
            new UrlPolicy(new AddressRules(List.of()), Set.of(), Optional.empty());

    private static Request parse(String body) throws MalformedRequestException, FailureException {
        return RequestParser.parse(body, "queue-id", CALLBACKS);
    }

    /** Most of a parsed URL is its parts. */
    @ParameterizedTest
    @ValueSource(strings = {"/a", "?a=b&", "%20/"})
    void aCallbackUrlKeepsNoMoreThanIsCounted(String part) throws Exception {
        List<Request> kept = new ArrayList<>();
        String url = "http://c/" + part.repeat(2000 / part.length());
        long before = heapInUse();
        for (int i = 0; i < 500; i++) {
            kept.add(
                    parse(
                            "{\"url\":\"u\",\"task\":\"t\",\"callback_url\":\"%s%d\"}"
                                    .formatted(url, i)));
        }
        long bytes = heapInUse() - before;
        long counted = kept.stream().mapToLong(Request::textBytes).sum();
        System.out.printf("500 requests keep %,d bytes, %,d counted%n", bytes, counted);
        assertTrue(bytes < counted + (1 << 20), bytes + " bytes, " + counted + " counted");
    }

    /** What sixty messages keep on the heap whose metadata is one list of empty objects. */
    @Test
    void aMessageKeepsNoMoreThanItsText() throws Exception {
        List<Request> kept = new ArrayList<>();
        String objects = "[" + "{},".repeat(80_000 - 1) + "{}]";
        String body = "{" + URLS + ",\"task\":\"a\",\"metadata\":" + objects + "}";
        long before = heapInUse();
        for (int i = 0; i < 60; i++) {
            kept.add(parse(body));
        }
        long bytes = heapInUse() - before;
        System.out.printf("60 messages of %,d bytes keep %,d bytes%n", body.length(), bytes);
        assertTrue(bytes < 60L * 2 * body.length(), bytes + " bytes");
        assertEquals(60, kept.size());
    }

    private static long heapInUse() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(20);
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
