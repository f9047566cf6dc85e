package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.SuspectTrials;
import dev.millrace.config.WorkerConfig;
import dev.millrace.config.WorkerConfig.Fetch;
import dev.millrace.config.WorkerConfig.Model;
import dev.millrace.config.WorkerConfig.State;
import dev.millrace.objects.AllowedBucket;
import dev.millrace.objects.StoreSettings;
import dev.millrace.source.QueueSettings;
import dev.millrace.source.QueueStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a worker changes of its own limits where its queue is not as they assume. */
class QueueFitTest {
    private static final Optional<Duration> USUAL = Optional.of(Duration.ofDays(4));

    private static final StoreSettings S3 =
            new StoreSettings(
                    Optional.empty(), Optional.empty(), true, List.of(AllowedBucket.of("photos")));

    private static WorkerConfig config(int maxReceives, int trialsAfter) {
        return WorkerConfig.of(
                        QueueSettings.of("http://127.0.0.1:9324/000000000000/images"),
                        List.of(Model.of("safety", Path.of("engines/safety"))))
                .with(
                        draft -> {
                            Fetch fetch = draft.fetch;
                            draft.fetch =
                                    new Fetch(
                                            fetch.limits(),
                                            fetch.ownHosts(),
                                            fetch.allowAddresses(),
                                            maxReceives,
                                            S3);
                            draft.quarantine = SuspectTrials.DEFAULT.withReceives(trialsAfter);
                        });
    }

    private static QueueStatus queue(int maxReceiveCount, Optional<Duration> retention) {
        return new QueueStatus(
                0,
                0,
                0,
                maxReceiveCount == 0 ? OptionalInt.empty() : OptionalInt.of(maxReceiveCount),
                retention,
                Optional.empty());
    }

    /**
     * @param maxReceiveCount 0 where there is no dead letter queue
     */
    @ParameterizedTest
    @CsvSource({
        // maxReceiveCount, fetch.maxReceives, quarantine.receives, both as they hold, misfits
        "5, 5, 3, 5, 3, 0",
        "50, 5, 3, 5, 3, 0",
        "5, 6, 4, 5, 4, 1",
        "5, 5, 5, 5, 4, 1",
        "5, 1000, 1000, 5, 4, 2",
        "4, 4, 3, 4, 3, 1",
        "4, 5, 3, 4, 3, 2",
        "3, 5, 3, 3, 2, 3",
        "2, 2, 1, 2, 1, 1",
        "2, 5, 0, 2, 0, 2",
        "1, 1, 3, 1, 1, 2",
        "1, 5, 0, 1, 0, 2",
        "0, 5, 3, 5, 3, 1",
        "0, 1000, 1000, 388, 1000, 2",
        "0, 5, 0, 5, 3, 2"
    })
    void receives(
            int maxReceiveCount,
            int maxReceives,
            int trialsAfter,
            int reportedAt,
            int triedAfter,
            int misfits) {
        QueueFit fit = QueueFit.of(config(maxReceives, trialsAfter), queue(maxReceiveCount, USUAL));
        assertEquals(reportedAt, fit.config().fetch().maxReceives(), fit.misfits()::toString);
        assertEquals(triedAfter, fit.config().quarantine().receives(), fit.misfits()::toString);
        assertEquals(misfits, fit.misfits().size(), fit.misfits()::toString);
        fit.misfits()
                .forEach(
                        line -> {
                            assertEquals(1, line.lines().count(), line);
                            assertTrue(line.contains("; "), "what to do: " + line);
                        });
    }

    @Test
    void thereAreAsManyPollsAsAnswersFit() {
        WorkerConfig config = config(5, 3);
        QueueStatus small =
                new QueueStatus(0, 0, 0, OptionalInt.of(5), USUAL, Optional.of(256L << 10));
        assertEquals(
                config.queue().forMessagesOf(256 << 10),
                QueueFit.of(config, small).config().queue());
    }

    /** Nothing else is touched, and what fits is not touched at all. */
    @Test
    void theRestIsAsItWas() {
        WorkerConfig config = config(5, 3);
        assertEquals(config, QueueFit.of(config, queue(5, USUAL)).config());
        assertEquals(config, QueueFit.of(config, queue(5, Optional.empty())).config());
        WorkerConfig fit = QueueFit.of(config, queue(3, USUAL)).config();
        assertEquals(
                config,
                fit.with(
                        draft -> {
                            draft.fetch = config.fetch();
                            draft.quarantine = config.quarantine();
                        }));
        assertEquals(config.quarantine().limit(), fit.quarantine().limit());
        assertEquals(S3, fit.fetch().s3());
        assertEquals(new QueueFit(config, List.of()), QueueFit.unknown(config));
    }

    @Test
    void theSentencesNameWhatHoldsAndWhatToDo() {
        assertEquals(
                List.of(
                        "the queue's maxReceiveCount is 3, and a crash of a worker spends a receive of each message that it has; set maxReceiveCount to 5 or more",
                        "fetch.maxReceives: 5 is more than the queue's maxReceiveCount (3), so a message whose image cannot be had would go to the dead letter queue without an answer; this worker answers at receive 3; raise maxReceiveCount, or set fetch.maxReceives to 3 or less",
                        "quarantine.receives: 3 leaves an image that crashes native code no receive to be tried in, since the queue's maxReceiveCount is 3; this worker tries it at receive 3; raise maxReceiveCount, or set quarantine.receives to 2 or less"),
                QueueFit.of(config(5, 3), queue(3, USUAL)).misfits());
        assertEquals(
                List.of(
                        "the queue has no dead letter queue, so a message that is no request, or whose result nobody takes, comes back until it expires after 4 days and is lost; give the queue one, with maxReceiveCount 5 or more",
                        "quarantine.receives: 0 and no state.directory, while the queue has no dead letter queue: an image that crashes native code would end one worker after another until its message expires; this worker first tries in a process of its own what was received more than 3 times; set quarantine.receives to 3, or state.directory"),
                QueueFit.of(config(5, 0), queue(0, USUAL)).misfits());
        assertEquals(
                "quarantine.receives: the queue's maxReceiveCount is 1, so an image that crashed a worker never comes back to be tried; set maxReceiveCount to 5 or more",
                QueueFit.of(config(1, 3), queue(1, USUAL)).misfits().getLast());
    }

    /** The pauses after the receives are 30, 60, 120 and 240 s. */
    @ParameterizedTest
    @CsvSource({"60, 2", "90, 2", "91, 3", "450, 4", "451, 5", "345600, 5"})
    void aMessageIsAnsweredBeforeItExpires(int retention, int reportedAt) {
        QueueFit fit =
                QueueFit.of(config(5, 3), queue(5, Optional.of(Duration.ofSeconds(retention))));
        assertEquals(reportedAt, fit.config().fetch().maxReceives());
        assertEquals(
                reportedAt < 5,
                fit.misfits()
                        .contains(
                                "fetch.maxReceives: 5 receives with the pauses between them take longer than the queue keeps a message (%d s), so one whose image cannot be had would expire without an answer; this worker answers at receive %d; raise the queue's message retention period, or set fetch.maxReceives to %2$d or less"
                                        .formatted(retention, reportedAt)),
                fit.misfits()::toString);
    }

    @ParameterizedTest
    @CsvSource({"60, 30", "100, 50", "119, 59", "120, 60", "345600, 60"})
    void whatACrashLeavesComesBackBeforeItExpires(int retention, int hidden) {
        QueueFit fit =
                QueueFit.of(config(1, 3), queue(5, Optional.of(Duration.ofSeconds(retention))));
        assertEquals(Duration.ofSeconds(hidden), fit.config().queue().visibility());
        assertEquals(
                hidden < 60
                        ? List.of(
                                "queue.visibility: 60 s is more than half of the time for which the queue keeps a message (%d s), so what a worker has when it crashes could expire before it is visible again; this worker hides messages for %d s; raise the queue's message retention period, or lower queue.visibility"
                                        .formatted(retention, hidden))
                        : List.of(),
                fit.misfits());
    }

    /** A journal finds the image at its first crash, so that there is nothing to warn of. */
    @ParameterizedTest
    @CsvSource({"0, 0, 0, 1", "5, 5, 4, 0", "5, 3, 3, 0", "1, 3, 1, 1"})
    void withAStateDirectoryTrialsAreNotSpokenOf(
            int maxReceiveCount, int trialsAfter, int triedAfter, int misfits) {
        WorkerConfig config =
                config(1, trialsAfter)
                        .with(draft -> draft.state = new State(Optional.of(Path.of("s")), 0));
        QueueFit fit = QueueFit.of(config, queue(maxReceiveCount, USUAL));
        assertEquals(triedAfter, fit.config().quarantine().receives());
        assertEquals(misfits, fit.misfits().size(), fit.misfits()::toString);
        assertTrue(
                fit.misfits().stream().noneMatch(line -> line.startsWith("quarantine")),
                fit.misfits()::toString);
    }
}
