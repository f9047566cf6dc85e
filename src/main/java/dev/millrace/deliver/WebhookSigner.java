package dev.millrace.deliver;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.StringJoiner;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import okhttp3.Headers;

/**
 * Marks and signs callbacks as Standard Webhooks 1.0 says: {@code webhook-id} stays the same over
 * every attempt and redelivery of a message, {@code webhook-signature} has one signature for each
 * secret, so that a receiver can change from one to the next. Thread-safe.
 */
public final class WebhookSigner {
    private static final String ALGORITHM = "HmacSHA256";
    private static final String PREFIX = "whsec_";
    private static final int MIN_BYTES = 24;
    private static final int MAX_BYTES = 64;

    private final List<SecretKeySpec> keys;

    private WebhookSigner(List<SecretKeySpec> keys) {
        this.keys = keys;
    }

    /**
     * @param secrets {@code whsec_} and 24 to 64 bytes in Base64 each; without any, callbacks are
     *     marked and not signed
     * @throws IllegalArgumentException with one line that does not repeat the secret
     */
    public static WebhookSigner of(List<String> secrets) {
        List<SecretKeySpec> keys = new ArrayList<>();
        for (int i = 0; i < secrets.size(); i++) {
            keys.add(key(secrets.get(i), i + 1));
        }
        return new WebhookSigner(List.copyOf(keys));
    }

    private static SecretKeySpec key(String secret, int number) {
        byte[] bytes;
        try {
            String encoded = secret.startsWith(PREFIX) ? secret.substring(PREFIX.length()) : secret;
            bytes = Base64.getDecoder().decode(encoded);
        } catch (IllegalArgumentException e) {
            throw wrong(number, "is not Base64");
        }
        if (bytes.length < MIN_BYTES || bytes.length > MAX_BYTES) {
            throw wrong(number, "has " + bytes.length + " bytes");
        }
        return new SecretKeySpec(bytes, ALGORITHM);
    }

    private static IllegalArgumentException wrong(int number, String what) {
        return new IllegalArgumentException(
                "secret %s %s; give %s and 24 to 64 random bytes in Base64, such as `openssl rand -base64 32` makes"
                        .formatted(number, what, PREFIX));
    }

    /**
     * @param messageId the queue's, which outlives redeliveries
     */
    Headers headers(String messageId, long epochSeconds, byte[] body) {
        String id = "msg_" + messageId;
        Headers.Builder headers =
                new Headers.Builder()
                        .add("webhook-id", id)
                        .add("webhook-timestamp", Long.toString(epochSeconds));
        if (!keys.isEmpty()) {
            headers.add("webhook-signature", signatures(id + "." + epochSeconds + ".", body));
        }
        return headers.build();
    }

    private String signatures(String head, byte[] body) {
        StringJoiner signatures = new StringJoiner(" ");
        try {
            for (SecretKeySpec key : keys) {
                Mac mac = Mac.getInstance(ALGORITHM);
                mac.init(key);
                mac.update(head.getBytes(StandardCharsets.UTF_8));
                signatures.add("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body)));
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
        return signatures.toString();
    }
}
