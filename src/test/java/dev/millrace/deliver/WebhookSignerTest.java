package dev.millrace.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import okhttp3.Headers;
import org.junit.jupiter.api.Test;

/** Checked by the implementation that the authors of Standard Webhooks publish. */
class WebhookSignerTest {
    private static final int CALLBACKS = 10_000;

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
                        .headers("m", System.currentTimeMillis() / 1000, body);
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
        Headers sent = WebhookSigner.of(List.of()).headers("m", 7, new byte[0]);
        assertEquals("msg_m", sent.get("webhook-id"));
        assertEquals("7", sent.get("webhook-timestamp"));
        assertEquals(null, sent.get("webhook-signature"));
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
