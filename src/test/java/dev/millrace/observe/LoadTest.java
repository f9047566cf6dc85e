package dev.millrace.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoadTest {
    private static final long SECOND = 1_000_000_000L;

    private static Snapshot snapshot(long nowNs, int inFlight, long busyNs, long items) {
        return new Snapshot(
                nowNs,
                busyNs,
                items,
                0,
                inFlight,
                10,
                items / 4,
                items,
                List.of(items / 16, 0L, items / 4 - items / 16),
                Map.of("a", new Snapshot.RingUse(3, 16)),
                Map.of("preprocess-a", new Snapshot.StageWork(2, busyNs, items)),
                Snapshot.Waits.NONE);
    }

    private static Load load(int inFlight, double busySeconds) {
        Snapshot from = snapshot(SECOND, 0, 0, 0);
        return Load.between(
                from, snapshot(11 * SECOND, inFlight, (long) (busySeconds * SECOND), 400));
    }

    @Test
    void aBusyStageIsTheLimitWhateverElse() {
        Load load = load(10, 18);
        assertEquals("preprocess-a", load.limitedBy());
        assertEquals(0.9, load.stages().get("preprocess-a").busy(), 1e-9);
        assertEquals(45, load.stages().get("preprocess-a").msPerImage(), 1e-9);
        assertEquals(40, load.imagesPerSecond(), 1e-9);
        assertEquals(4, load.meanBatch(), 1e-9);
        assertTrue(load.limitSentence().contains("busy 90 %"), load.limitSentence());
    }

    @Test
    void withoutABusyStageTheMessagesInFlightAreTheLimitOrThereAreTooFew() {
        assertEquals("admission", load(10, 2).limitedBy());
        assertTrue(load(10, 2).limitSentence().contains("raise admission.messages"));
        assertEquals("arrivals", load(9, 2).limitedBy());
    }

    @Test
    void saysHowFullTheWorkerIsAndHowLargeTheBatchesWere() {
        assertEquals(Map.of("1", 0.25, "3-4", 0.75), load(7, 2).batchSizes());
        assertEquals(
                "permits taken: 7 of 10, ring a: 3 of 16; batches of 1: 25 %, 3-4: 75 %",
                load(7, 2).useSentence());
    }
}
