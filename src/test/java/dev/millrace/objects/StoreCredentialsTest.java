package dev.millrace.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.Slow;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/** Who asks for credentials, and who waits for them. */
final class StoreCredentialsTest {
    private final AtomicInteger asked = new AtomicInteger();

    private AwsCredentials next() {
        return AwsBasicCredentials.create("id-" + asked.incrementAndGet(), "secret");
    }

    @Test
    void manyWhoComeAtOnceAskOnce() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        Set<String> seen = ConcurrentHashMap.newKeySet();
        try (StoreCredentials credentials =
                        new StoreCredentials(
                                () ->
                                        () -> {
                                            await(answered);
                                            return next();
                                        });
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<AwsCredentialsIdentity>> all =
                    IntStream.range(0, 50).mapToObj(_ -> threads.submit(credentials::get)).toList();
            answered.countDown();
            for (Future<AwsCredentialsIdentity> one : all) {
                seen.add(one.get().accessKeyId());
            }
            assertEquals(Set.of("id-1"), seen);
            assertEquals("id-1", credentials.get().accessKeyId());
        }
        assertEquals(1, asked.get());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void thoseThatTheStoreRefusedAreNotGivenAgain() throws Exception {
        try (StoreCredentials credentials = new StoreCredentials(() -> this::next)) {
            AwsCredentialsIdentity first = credentials.get();
            credentials.refused(first);
            AwsCredentialsIdentity second = credentials.get();
            assertEquals("id-2", second.accessKeyId());
            // A download that was signed before says so late.
            credentials.refused(first);
            assertEquals("id-2", credentials.get().accessKeyId());
        }
    }

    @Test
    void oneThatFailsIsAskedAgain() throws Exception {
        try (StoreCredentials credentials =
                new StoreCredentials(
                        () ->
                                () -> {
                                    AwsCredentials next = next();
                                    if (asked.get() == 1) {
                                        throw new IllegalStateException("many\nlines");
                                    }
                                    return next;
                                })) {
            String line = assertThrows(NoCredentialsException.class, credentials::get).getMessage();
            assertEquals(1, line.lines().count(), line);
            assertTrue(line.contains("in a role of this machine"), line);
            assertEquals("id-2", credentials.get().accessKeyId());
        }
    }

    /** A download goes on with what there is while others are asked for. */
    @Test
    void renewsThemBesideTheDownloads() throws Exception {
        AtomicLong now = new AtomicLong();
        Semaphore answers = new Semaphore(1);
        try (StoreCredentials credentials =
                new StoreCredentials(
                        () ->
                                () -> {
                                    answers.acquireUninterruptibly();
                                    return next();
                                },
                        now::get)) {
            assertEquals("id-1", credentials.get().accessKeyId());
            now.addAndGet(TimeUnit.SECONDS.toNanos(30));
            // Nobody answers yet.
            assertEquals("id-1", credentials.get().accessKeyId());
            answers.release();
            for (int i = 0; i < 1000 && asked.get() < 2; i++) {
                Thread.sleep(10);
            }
            // Of a minute ago none are taken without looking.
            now.addAndGet(TimeUnit.SECONDS.toNanos(61));
            answers.release();
            assertNotEquals("id-1", credentials.get().accessKeyId());
        }
    }

    @Test
    @Slow
    void whoeverDoesNotAnswerIsNotWaitedForLong() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (StoreCredentials credentials =
                new StoreCredentials(
                        () ->
                                () -> {
                                    await(never);
                                    return next();
                                })) {
            String line = assertThrows(NoCredentialsException.class, credentials::get).getMessage();
            assertTrue(line.contains("did not answer in 5 s"), line);
            never.countDown();
        }
    }

    @Test
    void closesWhatItHas() throws Exception {
        AtomicInteger closed = new AtomicInteger();
        try (StoreCredentials credentials = new StoreCredentials(() -> new Open(closed))) {
            credentials.get();
            assertEquals(0, closed.get());
        }
        assertEquals(1, closed.get());
    }

    private record Open(AtomicInteger closed) implements AwsCredentialsProvider, SdkAutoCloseable {
        @Override
        public AwsCredentials resolveCredentials() {
            return AwsBasicCredentials.create("id", "secret");
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }
}
