package dev.millrace.quarantine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Delivery;
import dev.millrace.job.Destination;
import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Request;
import dev.millrace.job.Trace;
import dev.millrace.resource.JvmCommand;
import dev.millrace.testing.WaitsMostly;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With real processes that crash, hang and run out of memory. */
@WaitsMostly
class QuarantineTest {
    private final Counters counters = new Counters();
    private final AtomicInteger started = new AtomicInteger();
    private final AtomicBoolean careful = new AtomicBoolean();
    private Suspects suspects;
    private PoisonImages poison;
    private Quarantine quarantine;

    @BeforeEach
    void open() throws IOException {
        suspects = new Suspects(Optional.empty());
        poison = new PoisonImages(Optional.empty(), "build");
        quarantine = quarantine(List.of(), false);
    }

    private Quarantine quarantine(List<String> flags, boolean journal) {
        return new Quarantine(
                suspects,
                poison,
                new Quarantine.Rules(3, Duration.ofSeconds(5), 2, journal),
                careful::get,
                () -> {
                    started.incrementAndGet();
                    return new ProcessBuilder(
                            JvmCommand.of(flags(flags), TrialChild.class.getName(), List.of()));
                },
                counters);
    }

    private static List<String> flags(List<String> more) {
        List<String> flags =
                new java.util.ArrayList<>(
                        List.of(
                                "-Xmx32m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+ExitOnOutOfMemoryError",
                                "-XX:-CreateCoredumpOnCrash",
                                "-XX:ErrorFile=target/hs_err_expected.log"));
        flags.addAll(more);
        return flags;
    }

    @AfterEach
    void close() {
        quarantine.close();
    }

    private static Message message(String id, int receives) {
        return new Message(
                new Delivery(id, "receipt", receives, 0, System.nanoTime()),
                new Request(
                        id,
                        "http://a/",
                        List.of("one", "two"),
                        new Destination.Callback(HttpUrl.get("http://b/")),
                        Optional.empty()),
                (message, outcome) -> {});
    }

    private void screen(String id, String body) throws FailureException, InterruptedException {
        quarantine.screen(message(id, 1), body.getBytes(StandardCharsets.UTF_8));
    }

    private Failure failure(String id, String body) {
        return assertThrows(FailureException.class, () -> screen(id, body)).failure();
    }

    @Test
    void whoIsNotSuspectPassesWithoutATrial() throws Exception {
        assertTrue(quarantine.passes(message("innocent", 3)));
        screen("innocent", "crash");
        assertEquals(0, started.get());
        assertEquals(0, counters.get(Counter.TRIALS));
    }

    @Test
    void oneProcessTriesManyAndAnotherTakesOverWhenItCrashes() throws Exception {
        suspects.accuse(Set.of("a", "b", "c", "d"));
        screen("a", "harmless");
        assertEquals(Failure.Kind.CORRUPT_IMAGE, failure("b", "corrupt").kind());
        assertEquals(1, started.get());

        Failure poison = failure("c", "crash");
        assertEquals(Failure.Kind.POISON, poison.kind());
        // 134 by SIGABRT, 1 where no core dump is wanted.
        assertTrue(poison.message().contains("tried it (exit code 1"), poison.message());
        assertEquals(1, started.get());
        screen("d", "harmless");
        assertEquals(2, started.get());
        assertEquals(4, counters.get(Counter.TRIALS));
    }

    @Test
    void whoStopsTheProcessIsPoison() {
        suspects.accuse(Set.of("a", "b"));
        long startNs = System.nanoTime();
        Failure poison = failure("a", "hang");
        assertEquals(Failure.Kind.POISON, poison.kind());
        assertTrue(poison.message().contains("longer than 5 s"), poison.message());
        assertTrue(System.nanoTime() - startNs < 30e9, "it must end");
        Failure greedy = failure("b", "grow");
        assertEquals(Failure.Kind.POISON, greedy.kind());
        assertTrue(greedy.message().contains("memory"), greedy.message());
    }

    @Test
    void anAnswerThatIsNoneIsNotTakenForOne() {
        suspects.accuse(Set.of("a"));
        assertEquals(Failure.Kind.POISON, failure("a", "print").kind());
    }

    @Test
    void whoIsGuiltyIsNotTriedAgain() {
        suspects.accuse(Set.of("a"));
        assertFalse(quarantine.passes(message("a", 1)), "a suspect is to be tried");
        suspects.accuse(Set.of("a"));
        assertFalse(quarantine.passes(message("a", 1)), "who is guilty is to be refused");
        assertEquals(Failure.Kind.POISON, failure("a", "harmless").kind());
        assertEquals(0, started.get());
    }

    @Test
    void whoIsReceivedTooOftenIsTried() throws Exception {
        assertFalse(quarantine.passes(message("a", 4)));
        quarantine.screen(message("a", 3), "crash".getBytes(StandardCharsets.UTF_8));
        assertEquals(0, started.get());
        FailureException poison =
                assertThrows(
                        FailureException.class,
                        () ->
                                quarantine.screen(
                                        message("a", 4), "crash".getBytes(StandardCharsets.UTF_8)));
        assertEquals(Failure.Kind.POISON, poison.failure().kind());
    }

    @Test
    void anAnsweredMessageIsNoLongerSuspect() {
        suspects.accuse(Set.of("a", "b"));
        quarantine.settled(message("a", 1), new Outcome.Delivered());
        quarantine.settled(message("b", 1), Outcome.Retry.draining(dev.millrace.job.Stage.FETCH));
        assertFalse(suspects.has("a"));
        assertTrue(suspects.has("b"));
    }

    @Test
    void aProcessThatDoesNotStartSpeaksAgainstNobody() {
        quarantine.close();
        quarantine = quarantine(List.of("-XX:NoSuchFlag=1"), false);
        suspects.accuse(Set.of("a"));
        UncheckedIOException e =
                assertThrows(UncheckedIOException.class, () -> screen("a", "harmless"));
        assertTrue(e.getMessage().contains("did not start"), e.getMessage());
    }

    @Test
    void whoIsNotAccusedGoesOnWhereNoProcessStarts() throws Exception {
        quarantine.close();
        quarantine = quarantine(List.of("-XX:NoSuchFlag=1"), false);
        careful.set(true);
        screen("a", "harmless");
        quarantine.screen(message("b", 4), new byte[0]);
        assertEquals(1, started.get(), "it is not tried again for each message");
    }

    @Test
    void inACarefulWorkerAllAreTried() throws Exception {
        careful.set(true);
        assertFalse(quarantine.passes(message("a", 1)));
        screen("a", "harmless");
        assertEquals(Failure.Kind.POISON, failure("b", "crash").kind());
        careful.set(false);
        screen("c", "crash");
        assertEquals(2, counters.get(Counter.TRIALS));
    }

    /** Where memory is short for a trial, nothing is known of the image. */
    @Test
    void noMemorySpeaksOnlyAgainstWhoIsDoubted() throws Exception {
        careful.set(true);
        screen("a", "grow");
        screen("b", "killed");
        suspects.accuse(Set.of("c", "d"));
        assertEquals(Failure.Kind.POISON, failure("c", "grow").kind());
        assertEquals(Failure.Kind.POISON, failure("d", "killed").kind());
    }

    @Test
    void oneThatHangsHoldsUpNobodyElse() throws Exception {
        suspects.accuse(Set.of("hanging", "quick"));
        screen("quick", "harmless");
        Thread hanging =
                Thread.startVirtualThread(
                        () -> assertEquals("poison", failure("hanging", "hang").kind().wireName()));
        while (quarantine.waiting() == 0) {
            Thread.sleep(10);
        }
        screen("quick", "harmless");
        assertEquals(1, quarantine.waiting(), "the other one still hangs");
        hanging.join();
    }

    @Test
    void withAJournalNobodyWaitsForATrialOfMessagesThatComeOften() throws Exception {
        quarantine.close();
        quarantine = quarantine(List.of(), true);
        assertEquals(
                Failure.Kind.POISON,
                assertThrows(
                                FailureException.class,
                                () -> quarantine.screen(message("a", 4), "crash".getBytes()))
                        .failure()
                        .kind());
        for (int i = 0; i < 1000; i++) {
            quarantine.screen(message("b" + i, 4), "harmless".getBytes());
        }
        assertTrue(counters.get(Counter.TRIALS) < 100, counters.get(Counter.TRIALS) + " trials");
    }

    @Test
    void aChangedModelIsTriedInANewProcess() throws Exception {
        suspects.accuse(Set.of("a"));
        screen("a", "harmless");
        quarantine.renew();
        screen("a", "harmless");
        assertEquals(2, started.get());
    }

    @Test
    void theEndWaitsForNoTrial() throws Exception {
        suspects.accuse(Set.of("a"));
        AtomicBoolean told = new AtomicBoolean();
        Thread waiting =
                Thread.startVirtualThread(
                        () -> {
                            assertThrows(InterruptedException.class, () -> screen("a", "hang"));
                            told.set(true);
                        });
        while (counters.get(Counter.TRIALS) == 0) {
            Thread.sleep(10);
        }
        Thread.sleep(300);
        long startNs = System.nanoTime();
        quarantine.close();
        assertTrue(System.nanoTime() - startNs < 1e9);
        waiting.join(Duration.ofSeconds(20));
        assertTrue(told.get(), "who waits must be told");
    }

    private static Message ofCaller(String id, String task) {
        return new Message(
                Delivery.ofCaller(id, System.nanoTime(), Trace.NONE),
                new Request("r", "", List.of(task), new Destination.Caller(), Optional.empty()),
                (message, outcome) -> {});
    }

    private Failure answered(Message image, String body) {
        Failure failure =
                assertThrows(
                                FailureException.class,
                                () ->
                                        quarantine.screen(
                                                image, body.getBytes(StandardCharsets.UTF_8)))
                        .failure();
        quarantine.settled(image, new Outcome.Delivered());
        return failure;
    }

    /** A message of the queue is deleted with its answer, and a caller's image may come again. */
    @Test
    void theImageOfACallerIsPoisonEachTimeAndTriedOnce() throws Exception {
        suspects.accuse(Set.of("caller-1"));
        assertEquals(Failure.Kind.POISON, answered(ofCaller("caller-1", "one"), "crash").kind());
        for (int i = 0; i < 3; i++) {
            assertFalse(quarantine.passes(ofCaller("caller-1", "one")));
            assertEquals(
                    Failure.Kind.POISON, answered(ofCaller("caller-1", "one"), "crash").kind());
        }
        assertEquals(1, counters.get(Counter.TRIALS));
        assertFalse(suspects.has("caller-1"));
        // Somebody made one of the same checksum, or it is for another task.
        quarantine.screen(ofCaller("caller-1", "one"), "harmless".getBytes());
        quarantine.screen(ofCaller("caller-1", "two"), "crash".getBytes());
        assertEquals(1, counters.get(Counter.TRIALS));
        quarantine.renew();
        assertTrue(quarantine.passes(ofCaller("caller-1", "one")), "a module may be corrected");
    }
}
