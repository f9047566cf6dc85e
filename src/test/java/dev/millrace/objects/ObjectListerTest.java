package dev.millrace.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.net.AddressRules;
import dev.millrace.net.Cidr;
import dev.millrace.net.GuardedHttp;
import dev.millrace.net.HttpLimits;
import dev.millrace.net.UrlPolicy;
import dev.millrace.testing.ObjectServer;
import dev.millrace.testing.ObjectServer.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a list of a bucket holds, over pages and regions, and why it ends. */
final class ObjectListerTest {
    private static final List<String> KEYS =
            List.of("a b+c%20.jpg", "a/1", "a/2", "a/Käse & <猫>.jpg", "a/z", "b");

    private final List<ListedObject> listed = new ArrayList<>();
    private ObjectServer server;
    private ObjectStore store;
    private GuardedHttp http;
    private ObjectLister lister;

    @BeforeEach
    void aBucketInAnotherRegion() throws IOException {
        server = new ObjectServer();
        server.bucket("photos", "us-west-2", "111122223333", true);
        for (String key : KEYS) {
            server.put("photos", key, Reply.of(key.getBytes(StandardCharsets.UTF_8), "e"));
        }
        store =
                TestStores.inHosts(
                        server.port(),
                        TestStores.at(server.port(), List.of(AllowedBucket.of("photos"))));
        Duration limit = Duration.ofSeconds(5);
        AddressRules rules = new AddressRules(List.of(Cidr.parse("127.0.0.1")));
        http =
                new GuardedHttp(
                        new UrlPolicy(rules, Set.of(), Optional.empty()),
                        new HttpLimits(limit, limit, limit, 1),
                        _ -> List.of(InetAddress.ofLiteral("127.0.0.1")));
        lister = new ObjectLister(http, store);
    }

    @AfterEach
    void closes() {
        http.close();
        store.close();
        server.close();
    }

    private List<String> keys(String prefix) throws Exception {
        listed.clear();
        lister.list("photos", prefix, listed::add);
        return listed.stream().map(ListedObject::key).toList();
    }

    @Test
    void listsAllPages() throws Exception {
        assertEquals(KEYS, keys(""));
        assertEquals(new ListedObject("b", 1, "\"e\""), listed.getLast());
        assertEquals(
                List.of(301, 200, 200, 200),
                server.log().stream().map(ObjectServer.Request::status).toList());
        assertEquals(List.of("a/1", "a/2", "a/Käse & <猫>.jpg", "a/z"), keys("a/"));
        assertEquals(List.of("a b+c%20.jpg"), keys("a b+"));
        assertEquals(List.of(), keys("nothing"));
    }

    private String whyNot(String bucket) {
        String line =
                assertThrows(ListingException.class, () -> lister.list(bucket, "", listed::add))
                        .getMessage();
        assertEquals(1, line.lines().count(), line);
        return line;
    }

    @Test
    void saysWhyThereIsNoList() throws Exception {
        assertTrue(whyNot("none").contains("404 (NoSuchBucket); check its name"));
        server.close();
        assertTrue(whyNot("photos").contains("cannot be read (ConnectException)"));
    }

    @Test
    void takesNoPartOfAPageForAPage() {
        String whole =
                "<ListBucketResult><Contents><Key>a</Key><Size>1</Size></Contents><IsTruncated>false</IsTruncated></ListBucketResult>";
        for (String body :
                List.of(
                        "",
                        "<html/>",
                        whole.substring(0, whole.length() - 5),
                        whole.replace("false", "true"),
                        whole.replace(">1<", ">many<"))) {
            assertThrows(
                    ProtocolException.class,
                    () -> ObjectPage.of(body.getBytes(StandardCharsets.UTF_8)),
                    body);
        }
    }
}
