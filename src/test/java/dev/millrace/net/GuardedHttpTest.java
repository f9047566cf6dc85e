package dev.millrace.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Stage;
import dev.millrace.testing.ForbiddenAddresses;
import dev.millrace.testing.RawServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** No request reaches a forbidden address, with a canary on loopback that would sing. */
class GuardedHttpTest {
    private static final HttpLimits LIMITS =
            new HttpLimits(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(3), 4);
    private static final InetAddress PUBLIC = InetAddress.ofLiteral("8.8.8.8");
    private static final InetAddress CANARY = InetAddress.ofLiteral("127.0.0.1");

    private RawServer canary;

    @BeforeEach
    void hangUpTheCanary() throws IOException {
        canary = new RawServer((_, out) -> out.write(RawServer.ok(new byte[] {1})));
    }

    @AfterEach
    void takeItDown() throws IOException {
        canary.close();
    }

    /** The canary's port is allowed everywhere, so that only the address is in the way. */
    private GuardedHttp http(Resolver resolver, String... allowed) {
        List<Cidr> blocks = new ArrayList<>();
        for (String block : allowed) {
            blocks.add(Cidr.parse(block));
        }
        return new GuardedHttp(
                new UrlPolicy(new AddressRules(blocks), Set.of(canary.port()), Optional.empty()),
                LIMITS,
                resolver);
    }

    private static Resolver noNames() {
        return host -> {
            throw new UnknownHostException(host);
        };
    }

    private HttpUrl url(String host) {
        return HttpUrl.parse("http://" + host + ":" + canary.port() + "/");
    }

    private static int call(GuardedHttp http, HttpUrl url) throws IOException {
        try (Response response = http.newCall(new Request.Builder().url(url).build()).execute()) {
            return response.code();
        }
    }

    private static void refused(GuardedHttp http, HttpUrl url) {
        IOException e = assertThrows(IOException.class, () -> call(http, url), url::toString);
        assertTrue(ForbiddenAddressException.isIn(e), () -> url + ": " + e);
    }

    @Test
    void theGateAloneStopsEveryAddressInAUrl() {
        try (GuardedHttp http = http(noNames())) {
            for (InetAddress address : ForbiddenAddresses.all()) {
                refused(http, url(ForbiddenAddresses.host(address)));
            }
        }
        assertEquals(0, canary.connections());
    }

    @Test
    void theGateAloneStopsEveryWayToWriteLoopback() {
        Resolver likeInetAton = _ -> List.of(CANARY);
        try (GuardedHttp http = http(likeInetAton)) {
            for (String host : ForbiddenAddresses.disguised()) {
                HttpUrl url = url(host);
                // Java reads 0177 as 177, which is public; UrlPolicy refuses it.
                if (url != null && !host.startsWith("017")) {
                    IOException e = assertThrows(IOException.class, () -> call(http, url), host);
                    assertTrue(
                            ForbiddenAddressException.isIn(e) || e instanceof UnknownHostException,
                            () -> host + ": " + e);
                }
            }
        }
        assertEquals(0, canary.connections());
    }

    @Test
    void aNameWithAForbiddenAddressIsRefused() {
        for (InetAddress address : ForbiddenAddresses.all()) {
            for (List<InetAddress> answer :
                    List.of(List.of(address), List.of(PUBLIC, address), List.of(address, PUBLIC))) {
                try (GuardedHttp http = http(_ -> answer)) {
                    refused(http, url("vector.test"));
                }
            }
        }
        assertEquals(0, canary.connections());
    }

    @Test
    void negativeControlWithLoopbackAllowedTheCanarySings() throws Exception {
        try (GuardedHttp http = http(_ -> List.of(CANARY), "127.0.0.0/8")) {
            assertEquals(200, call(http, url("127.0.0.1")));
            assertEquals(200, call(http, url("[::ffff:7f00:1]")));
            assertEquals(200, call(http, url("①②⑦.⓪.⓪.①")));
            assertEquals(200, call(http, url("127.1")));
            assertEquals(200, call(http, url("vector.test")));
        }
        assertEquals(5, canary.connections());
    }

    @Test
    void aNameThatIsRebondIsCheckedEachTime() throws Exception {
        Iterator<InetAddress> answers =
                List.of(InetAddress.ofLiteral("127.0.0.9"), CANARY, CANARY).iterator();
        try (RawServer first =
                        new RawServer(
                                "127.0.0.9",
                                canary.port(),
                                (_, out) -> out.write(RawServer.ok(new byte[] {1})));
                GuardedHttp http = http(_ -> List.of(answers.next()), "127.0.0.9")) {
            assertEquals(200, call(http, url("rebound.test")));
            refused(http, url("rebound.test"));
            refused(http, url("rebound.test"));
            assertEquals(1, first.connections());
        }
        assertEquals(0, canary.connections());
    }

    @Test
    void aPortOutsideThePolicyIsOpenOnListedAddressesOnly() throws Exception {
        UrlPolicy policy =
                new UrlPolicy(
                        new AddressRules(List.of(Cidr.parse("127.0.0.9"))),
                        Set.of(),
                        Optional.empty());
        try (GuardedHttp http = new GuardedHttp(policy, LIMITS, _ -> List.of(PUBLIC))) {
            policy.check("http://vector.test:" + canary.port() + "/", Stage.FETCH);
            refused(http, url("vector.test"));
        }
        assertEquals(0, canary.connections());
    }

    @Test
    void followsNoRedirectAndKeepsNoCookie() throws Exception {
        List<String> heads = new ArrayList<>();
        try (RawServer server =
                        new RawServer(
                                (head, out) -> {
                                    heads.addAll(head);
                                    out.write(
                                            ("HTTP/1.1 302 Found\r\nConnection: close\r\n"
                                                            + "Set-Cookie: a=b\r\n"
                                                            + "Content-Length: 0\r\n"
                                                            + "Location: http://127.0.0.1:"
                                                            + canary.port()
                                                            + "/\r\n\r\n")
                                                    .getBytes());
                                });
                GuardedHttp http = http(noNames(), "127.0.0.0/8")) {
            HttpUrl url = HttpUrl.get("http://127.0.0.1:" + server.port() + "/");
            assertEquals(302, call(http, url));
            assertEquals(302, call(http, url));
        }
        assertFalse(heads.toString().toLowerCase().contains("cookie"), heads::toString);
        assertEquals(0, canary.connections());
    }

    @Test
    void anInterruptEndsACall() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        try (RawServer silent =
                        new RawServer(
                                (_, _) -> {
                                    asked.countDown();
                                    Thread.sleep(10_000);
                                });
                GuardedHttp http = http(noNames(), "127.0.0.0/8")) {
            HttpUrl url = HttpUrl.get("http://127.0.0.1:" + silent.port() + "/");
            FutureTask<Integer> call = new FutureTask<>(() -> call(http, url));
            Thread caller = Thread.ofVirtual().start(call);
            assertTrue(asked.await(20, TimeUnit.SECONDS));
            long startNs = System.nanoTime();
            caller.interrupt();
            ExecutionException e = assertThrows(ExecutionException.class, call::get);
            assertInstanceOf(IOException.class, e.getCause());
            assertTrue(System.nanoTime() - startNs < 500_000_000L);
        }
    }

    @Test
    void aServerThatSaysNothingIsLeftAfterTheReadTimeout() throws Exception {
        try (RawServer silent = new RawServer((_, _) -> Thread.sleep(10_000));
                GuardedHttp http = http(noNames(), "127.0.0.0/8")) {
            HttpUrl url = HttpUrl.get("http://127.0.0.1:" + silent.port() + "/");
            long startNs = System.nanoTime();
            IOException e = assertThrows(IOException.class, () -> call(http, url));
            long ms = (System.nanoTime() - startNs) / 1_000_000;
            // The whole call would have ended after three seconds.
            assertTrue(ms >= 900 && ms < 2_500, () -> ms + " ms, " + e);
        }
    }

    @Test
    void asksTheSystemForNamesByDefault() throws Exception {
        UrlPolicy policy =
                new UrlPolicy(
                        new AddressRules(List.of(Cidr.parse("127.0.0.0/8"), Cidr.parse("::1"))),
                        Set.of(),
                        Optional.empty());
        try (GuardedHttp http = new GuardedHttp(policy, LIMITS)) {
            assertEquals(200, call(http, url("localhost")));
        }
        assertEquals(1, canary.connections());
    }

    @Test
    void findsItsExceptionWhereverTheClientPutIt() {
        ForbiddenAddressException forbidden = new ForbiddenAddressException("10.0.0.1");
        IOException other = new IOException("other");
        other.addSuppressed(new IOException(forbidden));

        assertTrue(ForbiddenAddressException.isIn(forbidden));
        assertTrue(ForbiddenAddressException.isIn(other));
        assertFalse(ForbiddenAddressException.isIn(new IOException("other")));
    }
}
