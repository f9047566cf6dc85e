package dev.millrace.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.Stage;
import dev.millrace.testing.ForbiddenAddresses;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UrlPolicyTest {
    private static final UrlPolicy PUBLIC_ONLY =
            new UrlPolicy(new AddressRules(List.of()), Set.of(), Optional.empty());
    private static final UrlPolicy LOOPBACK =
            new UrlPolicy(
                    new AddressRules(List.of(Cidr.parse("127.0.0.0/8"))),
                    Set.of(),
                    Optional.empty());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://images.example.com/a.jpg",
                "https://images.example.com/a.jpg?signature=1",
                "https://images.example.com:443/",
                "http://images.example.com:443/",
                "HTTP://IMAGES.EXAMPLE.COM",
                "http://8.8.8.8/a.jpg",
                "http://[2606:4700:4700::1111]/",
                "https://bücher.example/"
            })
    void allowsPublicUrls(String url) throws Exception {
        PUBLIC_ONLY.check(url, Stage.FETCH);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "cat.jpg",
                "//images.example.com/",
                "ftp://images.example.com/",
                "file:///etc/passwd",
                "data:image/png;base64,AAAA",
                "gopher://images.example.com/",
                "http://",
                "http://[::1",
                "http://images.example.com:99999/",
                "http://images.example.com:0/",
                "http://images.example.com:22/",
                "http://images.example.com:8080/",
                "http://user@images.example.com/",
                "http://user:password@images.example.com/",
                "http://:password@images.example.com/",
                "http://[fe80::1%25eth0]/",
                "http://[2606:4700::1%25eth0]/",
                "http://256.1.1.1/",
                "http://1.2.3.4.5/",
                "http://images.0x1/"
            })
    void refusesOthers(String url) {
        refused(() -> PUBLIC_ONLY.check(url, Stage.FETCH));
    }

    @Test
    void refusesForbiddenHostsHoweverTheyAreWritten() {
        List<String> hosts = new ArrayList<>(ForbiddenAddresses.disguised());
        ForbiddenAddresses.all().forEach(address -> hosts.add(ForbiddenAddresses.host(address)));
        HttpUrl from = HttpUrl.get("http://images.example.com/");

        for (String host : hosts) {
            String url = "http://" + host + "/";
            refused(() -> PUBLIC_ONLY.check(url, Stage.FETCH));
            refused(() -> PUBLIC_ONLY.redirect(from, url, Stage.FETCH));
            refused(() -> PUBLIC_ONLY.redirect(from, "//" + host + "/", Stage.FETCH));
        }
    }

    @Test
    void refusesUrlsOverTheLimit() throws Exception {
        String url = "http://images.example.com/";
        String longest = url + "a".repeat(UrlPolicy.MAX_CHARS - url.length());

        PUBLIC_ONLY.check(longest, Stage.FETCH);
        refused(() -> PUBLIC_ONLY.check(longest + "a", Stage.FETCH));
        // Three characters become nine when the parser escapes them.
        refused(() -> PUBLIC_ONLY.check(longest.replaceFirst("aaa", "€€€"), Stage.FETCH));
    }

    @Test
    void aListedAddressMayBeCalledOnEveryPort() throws Exception {
        LOOPBACK.check("http://127.0.0.1:8080/", Stage.FETCH);
        LOOPBACK.check("http://localhost:8080/", Stage.FETCH);
        // Only a name server knows where this leads; the gate decides.
        LOOPBACK.check("http://images.example.com:8080/", Stage.FETCH);
        refused(() -> LOOPBACK.check("http://8.8.8.8:8080/", Stage.FETCH));
        assertTrue(LOOPBACK.allows(InetAddress.ofLiteral("127.0.0.1"), 8080));
        assertFalse(LOOPBACK.allows(InetAddress.ofLiteral("8.8.8.8"), 8080));
        assertTrue(LOOPBACK.allows(InetAddress.ofLiteral("8.8.8.8"), 443));
    }

    @Test
    void aConfiguredPortMayBeCalledEverywhere() throws Exception {
        UrlPolicy policy =
                new UrlPolicy(new AddressRules(List.of()), Set.of(8443), Optional.empty());

        policy.check("https://images.example.com:8443/", Stage.FETCH);
        policy.check("https://images.example.com/", Stage.FETCH);
        refused(() -> policy.check("https://images.example.com:8444/", Stage.FETCH));
    }

    @Test
    void onlyTheHostsOfAListAreCalled() throws Exception {
        UrlPolicy policy =
                new UrlPolicy(
                        new AddressRules(List.of(Cidr.parse("127.0.0.1"))),
                        Set.of(),
                        Optional.of(
                                new HostList(
                                        List.of(
                                                "Results.Example.com",
                                                "*.example.org",
                                                "bücher.example",
                                                "10.0.0.1",
                                                "127.0.0.1"))));
        for (String host :
                List.of(
                        "results.example.com",
                        "RESULTS.example.com.",
                        "a.example.org",
                        "a.b.example.org",
                        "xn--bcher-kva.example",
                        "127.0.0.1")) {
            policy.check("https://" + host + "/", Stage.CALLBACK);
        }
        for (String host :
                List.of(
                        "example.com",
                        "a.results.example.com",
                        "results.example.com.evil.test",
                        "evilresults.example.com",
                        "example.org",
                        "badexample.org",
                        ".example.org",
                        "results.example.com@evil.test",
                        "8.8.8.8",
                        "[2606:4700:4700::1111]")) {
            refused(() -> policy.check("https://" + host + "/", Stage.CALLBACK));
        }
        Failure unlisted = refused(() -> policy.check("https://8.8.8.8/", Stage.CALLBACK));
        assertTrue(unlisted.message().contains("callback.allowHosts"), unlisted.message());
        // A list of hosts opens no address.
        Failure inside = refused(() -> policy.check("https://10.0.0.1/", Stage.CALLBACK));
        assertTrue(inside.message().contains("callback.allowAddresses"), inside.message());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*",
                "*.",
                "a.*.com",
                "*.*.com",
                "http://example.com",
                "example.com:443",
                "example.com/a",
                "user@example.com",
                "example.com?",
                "a b.com",
                "[::1",
                "..."
            })
    void whatIsNoHostIsNotListed(String entry) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> new HostList(List.of(entry)));
        assertTrue(e.getMessage().startsWith("'" + entry + "' is not a host name"), e.getMessage());
    }

    @Test
    void redirectsStayOnHttps() throws Exception {
        HttpUrl http = HttpUrl.get("http://images.example.com/a/b.jpg");
        HttpUrl https = HttpUrl.get("https://images.example.com/a/b.jpg");

        assertEquals(
                "https://other.example.com/",
                PUBLIC_ONLY.redirect(http, "https://other.example.com", Stage.FETCH).toString());
        assertEquals(
                "https://images.example.com/a/c.jpg",
                PUBLIC_ONLY.redirect(https, "c.jpg", Stage.FETCH).toString());
        refused(() -> PUBLIC_ONLY.redirect(https, "http://images.example.com/", Stage.FETCH));
        refused(() -> PUBLIC_ONLY.redirect(http, "ftp://images.example.com/", Stage.FETCH));
        refused(() -> PUBLIC_ONLY.redirect(http, "http://u:p@example.com/", Stage.FETCH));
        refused(() -> PUBLIC_ONLY.redirect(http, "/" + "a".repeat(2048), Stage.FETCH));
    }

    @Test
    void tellsTheSenderWhichUrlAndWhatToDo() {
        Failure image =
                refused(() -> PUBLIC_ONLY.check("http://10.0.0.1/a?key=secret", Stage.FETCH));
        Failure callback =
                refused(() -> PUBLIC_ONLY.check("http://10.0.0.1/a?key=secret", Stage.CALLBACK));

        assertEquals(Stage.FETCH, image.stage());
        assertTrue(image.message().startsWith("image URL refused"), image.message());
        assertTrue(image.message().contains("fetch.allowAddresses"), image.message());
        assertEquals(Stage.CALLBACK, callback.stage());
        assertTrue(callback.message().startsWith("callback URL refused"), callback.message());
        assertTrue(callback.message().contains("callback.allowAddresses"), callback.message());
        assertFalse(image.message().contains("secret"), image.message());
    }

    private interface Check {
        HttpUrl check() throws FailureException;
    }

    private static Failure refused(Check check) {
        Failure failure = assertThrows(FailureException.class, check::check).failure();
        assertEquals(Failure.Kind.URL_FORBIDDEN, failure.kind());
        assertFalse(failure.message().contains("\n"), failure.message());
        return failure;
    }
}
