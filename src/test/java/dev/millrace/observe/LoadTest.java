package dev.millrace.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoadTest {
    private static final long SECOND = 1_000_000_000L;

    private static Snapshot snapshot(
            long nowNs, int inFlight, long busyNs, long items, Snapshot.Waits waits) {
        return new Snapshot(
                nowNs,
                busyNs,
                items,
                0,
                inFlight,
                inFlight,
                10,
                items / 4,
                items,
                List.of(items / 16, 0L, items / 4 - items / 16),
                Map.of("a", new Snapshot.RingUse(3, 16)),
                Map.of("preprocess-a", new Snapshot.StageWork(2, busyNs, items)),
                waits);
    }

    private static Load load(int inFlight, double busySeconds) {
        return load(inFlight, busySeconds, Snapshot.Waits.NONE);
    }

    private static Load load(int inFlight, double busySeconds, Snapshot.Waits waits) {
        Snapshot from = snapshot(SECOND, 0, 0, 0, Snapshot.Waits.NONE);
        long busyNs = (long) (busySeconds * SECOND);
        return Load.between(from, snapshot(11 * SECOND, inFlight, busyNs, 400, waits));
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

    /** Six polls that wait for messages, at the end of a backlog. */
    @Test
    void permitsOfPollsThatWaitAreNoLimit() {
        Snapshot from = snapshot(SECOND, 0, 0, 0, Snapshot.Waits.NONE);
        Snapshot to = snapshot(11 * SECOND, 0, SECOND, 400, Snapshot.Waits.NONE);
        assertEquals("arrivals", Load.between(from, withPermits(to, 60)).limitedBy());
    }

    private static Snapshot withPermits(Snapshot one, int permits) {
        return new Snapshot(
                one.nowNs(),
                one.cpuNs(),
                one.images(),
                one.failedTasks(),
                one.inFlight(),
                permits,
                one.limit(),
                one.batches(),
                one.rows(),
                one.batchSizes(),
                one.rings(),
                one.stages(),
                one.waits());
    }

    @Test
    void whatMostMessagesWaitForIsTheLimitUnlessAStageIsBusy() {
        Snapshot.Waits hosts = new Snapshot.Waits(6, 4, true, true);
        assertEquals("host", load(10, 2, hosts).limitedBy());
        assertTrue(load(10, 2, hosts).limitSentence().endsWith("; raise fetch.perHost"));
        Snapshot.Waits uncapped = new Snapshot.Waits(6, 4, true, false);
        assertTrue(load(10, 2, uncapped).limitSentence().endsWith("; raise admission.messages"));
        assertEquals("preprocess-a", load(10, 18, hosts).limitedBy());
        assertEquals(
                "acknowledger", load(10, 2, new Snapshot.Waits(4, 6, true, false)).limitedBy());
        assertEquals("admission", load(10, 2, new Snapshot.Waits(5, 5, true, false)).limitedBy());
        Snapshot.Waits receivers = new Snapshot.Waits(1, 1, true, false);
        assertEquals("receivers", load(9, 2, receivers).limitedBy());
        assertTrue(load(9, 2, receivers).limitSentence().endsWith("; raise queue.receivers"));
        assertEquals("arrivals", load(9, 2, new Snapshot.Waits(1, 1, false, false)).limitedBy());
    }

    @Test
    void saysHowFullTheWorkerIsAndHowLargeTheBatchesWere() {
        assertEquals(Map.of("1", 0.25, "3-4", 0.75), load(7, 2).batchSizes());
        assertEquals(
                "in flight: 7 of 10, ring a: 3 of 16; batches of 1: 25 %, 3-4: 75 %",
                load(7, 2).useSentence());
    }
}
