package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.EmptyWebhookSecretException;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import com.sun.net.httpserver.Headers;
import dev.millrace.worker.Worker;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** Row 20: receivers check what a worker signs, before, while and after its key changes. */
class SignedCallbacksFT {
    private static final int CALLBACKS = Reliability.sized(10_000, 300);
    private static final int PHASES = 3;

    @Test
    void receiversOfBothKeysAcceptEveryCallback() throws Exception {
        Reliability row =
                Reliability.row(
                        20,
                        "%,d callbacks, checked by the library of Standard Webhooks; old key, both, new key: all accepted; another key: none"
                                .formatted(CALLBACKS));
        SplittableRandom random = new SplittableRandom(row.seed());
        Key old = new Key(random);
        Key next = new Key(random);
        Key other = new Key(random);
        int each = CALLBACKS / PHASES;
        try (FaultBench rig = new FaultBench(row.seed(), 5)) {
            Map<Key, Integer> before = accepted(rig, "a", each, List.of(old), old, next, other);
            Map<Key, Integer> during =
                    accepted(rig, "b", each, List.of(next, old), old, next, other);
            int rest = CALLBACKS - 2 * each;
            Map<Key, Integer> after = accepted(rig, "c", rest, List.of(next), old, next, other);

            assertEquals(Map.of(old, each, next, 0, other, 0), before);
            assertEquals(Map.of(old, each, next, each, other, 0), during);
            assertEquals(Map.of(old, 0, next, rest, other, 0), after);
            row.holds(
                    "%,d of %,d with the old key, %,d with both, %,d with the new one"
                            .formatted(
                                    before.get(old),
                                    CALLBACKS,
                                    Math.min(during.get(old), during.get(next)),
                                    after.get(next)),
                    "another key: %d of %,d; the old key after the change: %d of %,d"
                            .formatted(
                                    before.get(other) + during.get(other) + after.get(other),
                                    CALLBACKS,
                                    after.get(old),
                                    rest));
        }
    }

    /** How many callbacks of a worker with these secrets a receiver with each key accepts. */
    private static Map<Key, Integer> accepted(
            FaultBench rig, String prefix, int messages, List<Key> signing, Key... receivers)
            throws Exception {
        Map<Key, Set<String>> ids = new ConcurrentHashMap<>();
        for (Key key : receivers) {
            ids.put(key, ConcurrentHashMap.newKeySet());
        }
        rig.ledger.witness =
                (headers, body) ->
                        ids.forEach(
                                (key, accepted) -> {
                                    if (key.accepts(headers, body)) {
                                        accepted.add(headers.getFirst("webhook-id"));
                                    }
                                });
        String secrets = String.join(", ", signing.stream().map(key -> key.secret).toList());
        try (Worker _ = rig.settings().callback("secrets: [" + secrets + "]").start()) {
            rig.send(prefix, messages);
            rig.ledger.awaitAll(rig.queue, 120);
        }
        Map<Key, Integer> counts = new HashMap<>();
        ids.forEach((key, accepted) -> counts.put(key, accepted.size()));
        return counts;
    }

    /** A secret, and a receiver that has it. */
    private static final class Key {
        private final String secret;
        private final Webhook receiver;

        Key(SplittableRandom random) throws EmptyWebhookSecretException {
            byte[] bytes = new byte[32];
            random.nextBytes(bytes);
            secret = "whsec_" + Base64.getEncoder().encodeToString(bytes);
            receiver = new Webhook(secret);
        }

        boolean accepts(Headers headers, byte[] body) {
            try {
                receiver.verify(
                        new String(body, StandardCharsets.UTF_8),
                        HttpHeaders.of(headers, (_, _) -> true));
                return true;
            } catch (WebhookVerificationException e) {
                return false;
            }
        }
    }
}
