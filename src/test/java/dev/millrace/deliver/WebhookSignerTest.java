package dev.millrace.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import dev.millrace.net.HostList;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import okhttp3.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checked by the implementation that the authors of Standard Webhooks publish. */
class WebhookSignerTest {
    private static final int CALLBACKS = 10_000;
    private static final String HOST = "results.example.com";

    private static String secret(Random random) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return "whsec_" + Base64.getEncoder().encodeToString(bytes);
    }

    private static HttpHeaders received(Headers sent) {
        return HttpHeaders.of(sent.toMultimap(), (name, value) -> true);
    }

    @Test
    void everySignatureIsAcceptedAlsoWhileTheSecretChanges() throws Exception {
        long seed = System.nanoTime();
        System.out.println("WebhookSignerTest seed " + seed);
        Random random = new Random(seed);
        String old = secret(random);
        String next = secret(random);
        Webhook[] receivers = {new Webhook(old), new Webhook(next)};
        WebhookSigner signer = WebhookSigner.of(List.of(next, old));
        for (int i = 0; i < CALLBACKS; i++) {
            String body = "{\"id\": \"" + i + "\", \"é\": " + random.nextLong() + "}";
            Headers sent =
                    signer.headers(
                            HOST,
                            Integer.toString(i),
                            System.currentTimeMillis() / 1000,
                            body.getBytes(StandardCharsets.UTF_8));
            receivers[i % 2].verify(body, received(sent));
        }
    }

    @Test
    void aChangedBodyOrAnotherSecretIsRefused() throws Exception {
        Random random = new Random(1);
        String secret = secret(random);
        byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
        Headers sent =
                WebhookSigner.of(List.of(secret))
                        .headers(HOST, "m", System.currentTimeMillis() / 1000, body);
        new Webhook(secret).verify("{}", received(sent));
        assertThrows(
                WebhookVerificationException.class,
                () -> new Webhook(secret).verify("{ }", received(sent)));
        assertThrows(
                WebhookVerificationException.class,
                () -> new Webhook(secret(random)).verify("{}", received(sent)));
    }

    @Test
    void withoutASecretACallbackIsMarkedOnly() {
        Headers sent = WebhookSigner.of(List.of()).headers(HOST, "m", 7, new byte[0]);
        assertEquals("msg_m", sent.get("webhook-id"));
        assertEquals("7", sent.get("webhook-timestamp"));
        assertEquals(null, sent.get("webhook-signature"));
    }

    /** With a rotation of its own; the secret of all is for those that have none. */
    @ParameterizedTest
    @CsvSource({
        "results.example.com, own next",
        "results.example.com., own next",
        "a.example.com, below",
        "other.test, all",
        "example.com, all"
    })
    void aHostIsSignedForWithItsOwnSecretsOnly(String host, String accepting) throws Exception {
        Random random = new Random(2);
        Map<String, String> secrets = new TreeMap<>();
        for (String name : List.of("own", "next", "below", "all")) {
            secrets.put(name, secret(random));
        }
        WebhookSigner signer =
                WebhookSigner.of(List.of(secrets.get("all")))
                        .withHost(
                                new HostList(List.of(HOST)),
                                List.of(secrets.get("own"), secrets.get("next")))
                        .withHost(
                                new HostList(List.of("*.example.com")),
                                List.of(secrets.get("below")));
        Headers sent = signer.headers(host, "m", System.currentTimeMillis() / 1000, new byte[0]);
        Set<String> accepted = new TreeSet<>();
        for (Map.Entry<String, String> one : secrets.entrySet()) {
            try {
                new Webhook(one.getValue()).verify("", received(sent));
                accepted.add(one.getKey());
            } catch (WebhookVerificationException e) {
                // Not signed for this one.
            }
        }
        assertEquals(new TreeSet<>(List.of(accepting.split(" "))), accepted);
    }

    @Test
    void aHostThatIsNotListedIsNotSignedForWithASecretOfAnother() {
        WebhookSigner signer =
                WebhookSigner.of(List.of())
                        .withHost(new HostList(List.of(HOST)), List.of(secret(new Random(3))));
        assertEquals(
                null, signer.headers("other.test", "m", 7, new byte[0]).get("webhook-signature"));
        assertTrue(signer.headers(HOST, "m", 7, new byte[0]).names().contains("webhook-signature"));
    }

    @Test
    void aBadSecretIsOneLineThatDoesNotRepeatIt() {
        for (String bad : List.of("whsec_!!!", "c2hvcnQ=", "whsec_c2hvcnQ=")) {
            String line =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> WebhookSigner.of(List.of(bad)))
                            .getMessage();
            assertTrue(line.startsWith("secret 1 ") && line.lines().count() == 1, line);
            assertFalse(line.contains(bad), line);
        }
    }
}
