package dev.millrace.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class BatchedCallsTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final List<List<String>> batches = new CopyOnWriteArrayList<>();
    private final Map<String, String> ends = new ConcurrentHashMap<>();

    private List<Optional<IOException>> taken(List<String> entries) {
        batches.add(List.copyOf(entries));
        return entries.stream()
                .map(
                        entry ->
                                entry.startsWith("bad")
                                        ? Optional.of(new IOException("no " + entry))
                                        : Optional.<IOException>empty())
                .toList();
    }

    private Thread send(BatchedCalls<String> calls, String entry, int bytes) {
        return Thread.startVirtualThread(
                () -> {
                    try {
                        calls.send(entry, bytes);
                        ends.put(entry, "taken");
                    } catch (IOException e) {
                        ends.put(entry, e.getMessage());
                    } catch (InterruptedException e) {
                        ends.put(entry, "interrupted");
                    } catch (RuntimeException e) {
                        ends.put(entry, e.toString());
                    }
                });
    }

    @Test
    void tenGoTogetherAndEachLearnsItsOwnEnd() throws Exception {
        BatchedCalls<String> calls = new BatchedCalls<>(LONG, 1000, 4, this::taken);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            threads.add(send(calls, (i % 7 == 0 ? "bad" : "good") + i, 1));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(10, 10, 10), batches.stream().map(List::size).toList());
        for (int i = 0; i < 30; i++) {
            assertEquals(
                    i % 7 == 0 ? "no bad" + i : "taken",
                    ends.get((i % 7 == 0 ? "bad" : "good") + i));
        }
    }

    @Test
    void fewGoAfterAWhile() throws Exception {
        BatchedCalls<String> calls = new BatchedCalls<>(Duration.ofMillis(5), 1000, 4, this::taken);
        send(calls, "one", 1).join();
        assertEquals(List.of(List.of("one")), batches);
        assertEquals("taken", ends.get("one"));
    }

    @Test
    void noCallHasMoreBytesThanTheServiceTakes() throws Exception {
        BatchedCalls<String> calls = new BatchedCalls<>(Duration.ofMillis(50), 100, 4, this::taken);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(send(calls, "entry" + i, 40));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertTrue(batches.stream().allMatch(batch -> batch.size() <= 2), batches::toString);
        assertEquals(8, ends.size());
    }

    @Test
    void whoWaitsForACallThatBreaksOffIsTold() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        BatchedCalls<String> calls =
                new BatchedCalls<>(
                        LONG,
                        1000,
                        1,
                        entries -> {
                            begun.countDown();
                            throw new IllegalStateException("a bug");
                        });
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            threads.add(send(calls, "entry" + i, 1));
        }
        begun.await();
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(10, ends.size());
        assertTrue(ends.values().stream().noneMatch("taken"::equals), ends::toString);
    }

    @Test
    void whoIsInterruptedKeepsNobodyWaiting() throws Exception {
        BatchedCalls<String> calls = new BatchedCalls<>(LONG, 1000, 1, this::taken);
        Thread first = send(calls, "first", 1);
        Thread second = send(calls, "second", 1);
        Thread.sleep(50);
        first.interrupt();
        second.interrupt();
        first.join();
        second.join();
        assertEquals(2, ends.size(), ends::toString);
        assertEquals(List.of(), batches);
    }
}
