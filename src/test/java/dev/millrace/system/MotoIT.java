package dev.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Counter;
import dev.millrace.job.DropReason;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.Moto;
import dev.millrace.testing.MotoScene;
import dev.millrace.testing.MotoScene.Way;
import dev.millrace.testing.Slow;
import dev.millrace.testing.WaitsMostly;
import dev.millrace.testing.WorkerProcess;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A pipeline as docs/aws.md has it, on an AWS that is not ours: photos are uploaded to a bucket,
 * and their verdicts come to a queue. Skipped, with one line, where moto is not installed.
 */
@WaitsMostly
@Slow
class MotoIT {
    private static final int PHOTOS = Integer.getInteger("millrace.moto.photos", 0);
    private static final int VISIBILITY_SECONDS = 10;

    /** In a control. */
    private static final int FEW = 12;

    @TempDir private static Path logs;
    private static Moto moto;

    @TempDir private Path folder;

    @BeforeAll
    static void start() throws Exception {
        Moto.require(MotoIT.class);
        moto = Moto.start(logs, Duration.ofHours(1));
    }

    @AfterAll
    static void end() {
        if (moto != null) {
            moto.close();
        }
    }

    /**
     * 500 photos and the engine {@code safety} by the bucket's notification; fewer and a cheap
     * engine by the other ways, for which the plain build has no time.
     */
    @ParameterizedTest
    @EnumSource(Way.class)
    void eachUploadHasItsVerdict(Way way) throws Exception {
        int photos = PHOTOS > 0 ? PHOTOS : way == Way.QUEUE ? 500 : 150;
        try (MotoScene scene = new MotoScene(moto, way, "p" + way.ordinal(), VISIBILITY_SECONDS);
                WorkerProcess worker = scene.worker(folder, scene.bucket())) {
            worker.awaitReady();
            long startNs = System.nanoTime();
            scene.upload(photos);
            scene.verdicts.await(photos, 240, worker::output);
            Loopback.awaitUntil(() -> scene.left() == 0, 30, () -> scene.left() + " left");
            double seconds = (System.nanoTime() - startNs) / 1e9;
            long inFlight = (long) worker.gauge("millrace_admission_limit");
            System.out.printf(
                    "%s: %d photos %s: %d lost, %d duplicates (%d in flight at most), %d test events dropped, %d dead letters, in %.1f s%n",
                    moto.name(),
                    photos,
                    way.said,
                    scene.verdicts.lost(),
                    scene.verdicts.duplicates(),
                    inFlight,
                    worker.dropped(DropReason.TEST_EVENT),
                    scene.deadLetters(),
                    seconds);
            assertEquals(0, scene.verdicts.lost(), scene.verdicts::missing);
            assertTrue(
                    scene.verdicts.duplicates() <= inFlight,
                    () -> scene.verdicts.duplicates() + " duplicates");
            assertEquals(way.testEvents, worker.dropped(DropReason.TEST_EVENT));
            assertEquals(0, worker.counter(Counter.MALFORMED), worker::output);
            assertEquals(0, scene.deadLetters());
            worker.terminate();
            assertEquals(0, worker.exitCode(25), worker::output);
            assertTrue(
                    !worker.output().contains("does not say how often a message was received"),
                    worker::output);
        }
    }

    /** What counts above sees a worker that may not read the bucket. */
    @Test
    void aBucketThatIsNotAllowedIsSeenAsLoss() throws Exception {
        try (MotoScene scene = new MotoScene(moto, Way.QUEUE, "forbidden", VISIBILITY_SECONDS);
                WorkerProcess worker = scene.worker(folder, "another-bucket")) {
            worker.awaitReady();
            scene.upload(FEW);
            scene.verdicts.await(FEW, 60, worker::output);
            assertEquals(FEW, scene.verdicts.lost());
            assertEquals(FEW, scene.verdicts.errors("url_forbidden"));
        }
    }

    /** What counts above sees a worker whose configuration says nothing of tasks. */
    @Test
    void eventsWithoutDefaultsAreSeenAsLoss() throws Exception {
        try (MotoScene scene = new MotoScene(moto, Way.QUEUE, "bare", 2);
                WorkerProcess worker = scene.workerWithoutDefaults(folder)) {
            worker.awaitReady();
            scene.upload(FEW);
            Loopback.awaitUntil(() -> worker.counter(Counter.MALFORMED) >= FEW, 60, worker::output);
            Loopback.awaitUntil(() -> scene.deadLetters() == FEW, 60, worker::output);
            assertEquals(FEW, scene.verdicts.lost());
            assertTrue(worker.output().contains("source.defaults.tasks"), worker::output);
        }
    }
}
