package dev.millrace.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchPlannerTest {
    private static final int MAX_BATCH = 8;
    private static final long LINGER_NS = 1_000;

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "nothing is ready,                     0, 64, true,  false, 0,    false, 0",
        "no lane is free,                      9, 64, false, true,  9999, true,  0",
        "an idle device takes what is there,   1, 64, true,  false, 0,    false, 1",
        "a busy device waits for more,         3, 64, true,  true,  999,  false, 0",
        "a full batch goes at once,            8, 64, true,  true,  0,    false, 8",
        "a backlog is cut to the batch,       20, 64, true,  true,  0,    false, 8",
        "the oldest has waited long enough,    3, 64, true,  true,  1000, false, 3",
        "a drain waits for nobody,             3, 64, true,  true,  0,    true,  3",
        "the ring's end cuts,                  8,  5, true,  true,  0,    false, 5",
        "short of the ring's end it may grow,  3,  5, true,  true,  0,    false, 0"
    })
    void cutsBatches(
            String rule,
            long backlog,
            int rowsToRingEnd,
            boolean laneFree,
            boolean laneBusy,
            long ageNs,
            boolean draining,
            int expected) {
        BatchPlanner.Situation now =
                new BatchPlanner.Situation(
                        backlog, rowsToRingEnd, laneFree, laneBusy, ageNs, draining);

        assertEquals(expected, BatchPlanner.plan(now, MAX_BATCH, LINGER_NS), rule);
    }
}
