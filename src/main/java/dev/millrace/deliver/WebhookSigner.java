package dev.millrace.deliver;

import dev.millrace.net.HostList;
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
 * secret, so that a receiver can change from one to the next. A host with secrets of its own gets
 * no signature of another's. Immutable.
 */
public final class WebhookSigner {
    /** The header, attribute or metadata that tells repeats of a result. */
    static final String ID = "webhook-id";

    private static final String ALGORITHM = "HmacSHA256";
    private static final String PREFIX = "whsec_";
    private static final int MIN_BYTES = 24;
    private static final int MAX_BYTES = 64;

    private final List<SecretKeySpec> keys;
    private final List<OwnKeys> owners;

    /** What signs for these hosts and for no other. */
    private record OwnKeys(HostList hosts, List<SecretKeySpec> keys) {}

    private WebhookSigner(List<SecretKeySpec> keys, List<OwnKeys> owners) {
        this.keys = keys;
        this.owners = owners;
    }

    /**
     * @param secrets {@code whsec_} and 24 to 64 bytes in Base64 each; without any, callbacks are
     *     marked and not signed
     * @throws IllegalArgumentException with one line that does not repeat the secret
     */
    public static WebhookSigner of(List<String> secrets) {
        return new WebhookSigner(keys(secrets), List.of());
    }

    /**
     * The same with other secrets for these hosts; of several the first counts. Throws as {@link
     * #of} does.
     */
    public WebhookSigner withHost(HostList hosts, List<String> secrets) {
        List<OwnKeys> all = new ArrayList<>(owners);
        all.add(new OwnKeys(hosts, keys(secrets)));
        return new WebhookSigner(keys, List.copyOf(all));
    }

    private static List<SecretKeySpec> keys(List<String> secrets) {
        List<SecretKeySpec> keys = new ArrayList<>();
        for (int i = 0; i < secrets.size(); i++) {
            keys.add(key(secrets.get(i), i + 1));
        }
        return List.copyOf(keys);
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

    /** As they are now, for what goes to no host: what signs for hosts without secrets counts. */
    Headers headers(String messageId, byte[] body) {
        return headers(keys, messageId, System.currentTimeMillis() / 1000, body);
    }

    /** As they are now. */
    Headers headers(String host, String messageId, byte[] body) {
        return headers(host, messageId, System.currentTimeMillis() / 1000, body);
    }

    /**
     * @param host that the callback goes to, as its URL holds it
     * @param messageId the queue's, which outlives redeliveries and which no sender chooses, unlike
     *     the {@code id} of a request
     */
    Headers headers(String host, String messageId, long epochSeconds, byte[] body) {
        return headers(keysFor(host), messageId, epochSeconds, body);
    }

    private static Headers headers(
            List<SecretKeySpec> signing, String messageId, long epochSeconds, byte[] body) {
        String id = "msg_" + messageId;
        Headers.Builder headers =
                new Headers.Builder()
                        .add(ID, id)
                        .add("webhook-timestamp", Long.toString(epochSeconds));
        if (!signing.isEmpty()) {
            headers.add(
                    "webhook-signature", signatures(signing, id + "." + epochSeconds + ".", body));
        }
        return headers.build();
    }

    private List<SecretKeySpec> keysFor(String host) {
        for (OwnKeys own : owners) {
            if (own.hosts.contains(host)) {
                return own.keys;
            }
        }
        return keys;
    }

    private static String signatures(List<SecretKeySpec> signing, String head, byte[] body) {
        StringJoiner signatures = new StringJoiner(" ");
        try {
            for (SecretKeySpec key : signing) {
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
