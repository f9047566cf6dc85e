package dev.millrace.lab.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.lab.demo.LocalQueue;
import dev.millrace.source.SqsClients;
import dev.millrace.testing.Loopback;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

/** The bench's messages in a real queue: which hosts they name, and when they are to come. */
class SenderTest {
    private static final int RATE = 200;
    private static final List<String> HOSTS =
            List.of("http://127.0.0.1:1", "http://127.0.0.2:2", "http://127.0.0.3:3");

    private static Sender sender(LocalQueue queue, ResultSink sink, Optional<Random> chance) {
        return new Sender(
                new QueueWriter(queue.settings()),
                sink,
                new Pictures(2, 0, 0, 1),
                List.of("safety"),
                HOSTS,
                "http://127.0.0.1:4/results",
                chance);
    }

    private static List<Long> gapsNs(Optional<Random> chance, Map<String, Integer> hosts)
            throws Exception {
        ResultSink sink = new ResultSink(Duration.ZERO);
        try (LocalQueue queue = new LocalQueue(Duration.ofSeconds(60));
                SqsClient client = SqsClients.create(queue.settings())) {
            Sender sender = sender(queue, sink, chance);
            sender.rate(RATE);
            TreeSet<Long> scheduled = new TreeSet<>();
            while (scheduled.size() < RATE) {
                List<Message> messages =
                        client.receiveMessage(
                                        request ->
                                                request.queueUrl(queue.settings().url())
                                                        .maxNumberOfMessages(10)
                                                        .waitTimeSeconds(1))
                                .messages();
                for (Message message : messages) {
                    var body = new ObjectMapper().readTree(message.body());
                    hosts.merge(URI.create(body.path("url").asText()).getHost(), 1, Integer::sum);
                    scheduled.add(sink.scheduledNs(body.path("id").asText()).orElseThrow());
                }
            }
            sender.stop();
            List<Long> gaps = new ArrayList<>();
            Long before = null;
            for (Long at : scheduled) {
                if (before != null) {
                    gaps.add(at - before);
                }
                before = at;
            }
            return gaps;
        }
    }

    @Test
    void messagesComeEvenlyAndNameTheHostsInTurn() throws Exception {
        Map<String, Integer> hosts = new HashMap<>();
        List<Long> gaps = gapsNs(Optional.empty(), hosts);
        assertEquals(HOSTS.size(), hosts.size());
        int sent = hosts.values().stream().mapToInt(Integer::intValue).sum();
        hosts.values().forEach(share -> assertEquals(sent / 3.0, share, 11));
        assertEquals(1e9 / RATE, mean(gaps), 1e7 / RATE);
        assertTrue(deviation(gaps) < 0.2 * mean(gaps), gaps::toString);
    }

    /** Gaps of a Poisson process vary by as much as they are long. */
    @Test
    void orByChanceAtTheSameRate() throws Exception {
        List<Long> gaps = gapsNs(Optional.of(new Random(1)), new HashMap<>());
        assertEquals(1e9 / RATE, mean(gaps), 3e8 / RATE);
        assertEquals(1, deviation(gaps) / mean(gaps), 0.25);
    }

    /** A worker that answered nothing was measured at no rate at all, and the bench stood still. */
    @Test
    void itStopsAtOnceHoweverFarTheNextMessageIs() throws Exception {
        ResultSink sink = new ResultSink(Duration.ZERO);
        try (LocalQueue queue = new LocalQueue(Duration.ofSeconds(60))) {
            Sender sender = sender(queue, sink, Optional.empty());
            sender.rate(0);
            Loopback.awaitUntil(() -> sink.expected() == 1, 10, () -> "nothing was sent");
            Thread stopping =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            sender.stop();
                                        } catch (InterruptedException e) {
                                            Thread.currentThread().interrupt();
                                        }
                                    });
            assertTrue(stopping.join(Duration.ofSeconds(20)), "it waits for the next message");
        }
    }

    private static double mean(List<Long> gaps) {
        return gaps.stream().mapToLong(Long::longValue).average().orElseThrow();
    }

    private static double deviation(List<Long> gaps) {
        double mean = mean(gaps);
        return Math.sqrt(
                gaps.stream()
                        .mapToDouble(gap -> (gap - mean) * (gap - mean))
                        .average()
                        .orElseThrow());
    }
}
