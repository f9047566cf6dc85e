package dev.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.WorkerConfig;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.Memory;
import dev.millrace.testing.Slow;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.Workers;
import dev.millrace.worker.Worker;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models are replaced while messages flow: none is lost, and the old ones are gone. */
@Slow
class ReloadIT {
    private static final int RELOADS = 14;
    private static final int IN_QUEUE = 16;

    /** By then the allocators have what they keep. */
    private static final int SETTLING = 200;

    private static final int WARM = 6;

    /** A model that stays takes 13 MiB, and there are eight reloads after the warm ones. */
    private static final long GROWTH = 56L << 20;

    @TempDir private Path folder;

    @Test
    void reloadsUnderTrafficLoseNothingAndLeakNothing() throws Exception {
        Path bundle = Files.createDirectory(folder.resolve("safety"));
        Files.copy(Path.of("engines/safety/model.onnx"), bundle.resolve("model.onnx"));
        writeVersion(bundle, 0);
        try (TestQueue queue = new TestQueue(5);
                Loopback loopback = new Loopback();
                Worker worker = Worker.start(config(queue, bundle))) {
            AtomicInteger sent = new AtomicInteger();
            AtomicBoolean stop = new AtomicBoolean();
            Thread sender = Thread.startVirtualThread(() -> send(queue, loopback, sent, stop));
            long afterWarm = 0;
            for (int version = 1; version <= RELOADS; version++) {
                writeVersion(bundle, version);
                awaitVersion(loopback, sent, version);
                if (version == WARM) {
                    afterWarm = resident();
                }
            }
            long growth = resident() - afterWarm;
            // The model before the last may still be emptying its ring, and is freed after that.
            for (int i = 0; i < SETTLING && growth >= GROWTH; i++) {
                Thread.sleep(100);
                growth = resident() - afterWarm;
            }

            Files.writeString(bundle.resolve("model.yaml"), "kind: nonsense\n");
            Thread.sleep(1000);
            assertFalse(worker.fault().isDone());
            stop.set(true);
            sender.join();
            loopback.await(sent.get(), 60);
            Loopback.awaitUntil(() -> queue.left() == 0, 10, () -> queue.left() + " left");
            assertEquals(0, loopback.duplicates());
            assertEquals(RELOADS, version(loopback, sent.get() - 1), "a broken model is not taken");
            for (int i = 0; i < sent.get(); i++) {
                assertEquals("ok", loopback.result("r" + i).path("status").asText());
            }
            System.out.printf(
                    "%d reloads under traffic, %d messages, resident %+d KiB from the %dth to"
                            + " the last%n",
                    RELOADS, sent.get(), growth >> 10, WARM);
            assertTrue(growth < GROWTH, "RSS grew by " + (growth >> 10) + " KiB");
        }
    }

    /** Resident memory beside the Java heap, whose size is the collector's own affair. */
    private static long resident() throws Exception {
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
        return Memory.resident() - heap;
    }

    private WorkerConfig config(TestQueue queue, Path bundle) {
        return Workers.config(queue.settings(Duration.ofSeconds(60)), 64, "safety")
                .with(
                        draft -> {
                            draft.models = List.of(WorkerConfig.Model.of("safety", bundle));
                            draft.cache = folder.resolve("cache");
                            draft.reload = Duration.ofMillis(100);
                        });
    }

    private static void writeVersion(Path bundle, int version) throws Exception {
        String yaml = Files.readString(Path.of("engines/safety/model.yaml"));
        Files.writeString(bundle.resolve("model.yaml"), yaml + "version: v" + version + "\n");
    }

    private static void send(
            TestQueue queue, Loopback loopback, AtomicInteger sent, AtomicBoolean stop) {
        String photo = loopback.photo("mpu-300x250-city-night.jpg");
        while (!stop.get()) {
            if (sent.get() - loopback.ids() > IN_QUEUE) {
                LockSupport.parkNanos(1_000_000);
                continue;
            }
            queue.send(
                    List.of(
                            """
                            {"id": "r%d", "url": "%s", "task": "safety", "callback_url": "%s"}"""
                                    .formatted(sent.get(), photo, loopback.sink())));
            sent.incrementAndGet();
        }
    }

    /** Waits until some result comes from this version. */
    private static void awaitVersion(Loopback loopback, AtomicInteger sent, int version)
            throws InterruptedException {
        Loopback.awaitUntil(
                () -> {
                    int recent = sent.get() - 2 * IN_QUEUE;
                    return loopback.has("r" + recent) && version(loopback, recent) == version;
                },
                30,
                () -> "version " + version + " never came");
    }

    private static int version(Loopback loopback, int message) {
        String text = loopback.result("r" + message).at("/results/safety/version").asText();
        return Integer.parseInt(text.replaceAll("v(\\d+)\\+.*", "$1"));
    }
}
