package dev.millrace.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadEventsTest {
    private final AtomicLong seconds = new AtomicLong();
    private final CountDownLatch asked = new CountDownLatch(3);

    /** 100 images a second, of which one thread works half the time. */
    private Snapshot snapshot() {
        long second = seconds.getAndIncrement();
        asked.countDown();
        return new Snapshot(
                second * 1_000_000_000,
                0,
                100 * second,
                0,
                5,
                15,
                32,
                50 * second,
                100 * second,
                List.of(0L, 50 * second),
                Map.of("safety", new Snapshot.RingUse(3, 16)),
                Map.of(
                        "preprocess-safety",
                        new Snapshot.StageWork(1, 600_000_000 * second, 100 * second)),
                Snapshot.Waits.NONE);
    }

    @Test
    void aRecordingShowsWhatLimitsTheWorker(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("worker.jfr");
        try (LoadEvents _ = new LoadEvents(this::snapshot);
                Recording recording = new Recording()) {
            recording.enable("millrace.Load").withPeriod(Duration.ofMillis(50));
            recording.start();
            assertEquals(true, asked.await(20, TimeUnit.SECONDS));
            recording.stop();
            recording.dump(file);
        }
        RecordedEvent load = first(file, "millrace.Load");
        assertEquals("preprocess-safety", load.getString("limitedBy"));
        assertEquals(100, load.getDouble("imagesPerSecond"), 1e-6);
        assertEquals(2, load.getDouble("meanBatch"), 1e-6);
        assertEquals(5, load.getInt("inFlight"));
        assertEquals(32, load.getInt("permits"));
        RecordedEvent stage = first(file, "millrace.Stage");
        assertEquals("preprocess-safety", stage.getString("stage"));
        assertEquals(0.6, stage.getDouble("busy"), 1e-6);
        RecordedEvent ring = first(file, "millrace.Ring");
        assertEquals(3, ring.getInt("occupied"));
        assertEquals(16, ring.getInt("size"));
    }

    private static RecordedEvent first(Path file, String name) throws Exception {
        List<RecordedEvent> found =
                RecordingFile.readAllEvents(file).stream()
                        .filter(event -> event.getEventType().getName().equals(name))
                        .toList();
        assertFalse(found.isEmpty(), name);
        return found.getFirst();
    }
}
