package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Row 21: what {@code StrangersIT} sends does no harm, and does without the mends. Each control is
 * a worker of which nothing but the mend's places is changed.
 */
class StrangersFT {
    private static final int SECONDS = 15;

    /** Twice the pause of a hidden message. */
    private static final int CONTROL_SECONDS = 8;

    /** A worker that is well answers within one; by how much more it is late depends on chance. */
    private static final int LATE_SECONDS = 4;

    @TempDir private Path folder;

    @Test
    void nothingStopsAWorkerAndWithoutItsMendEachDoes() throws Exception {
        String only = System.getProperty("millrace.strangers", "");
        List<Stranger> all =
                Strangers.all().stream().filter(one -> one.what().contains(only)).toList();
        Reliability row =
                Reliability.row(
                        21,
                        "%d inputs, hosts, callbacks, queues and clients: after each, 30 good messages answered within %d s, ready, nothing leaked"
                                .formatted(all.size(), SECONDS));
        double slowest = 0;
        try (StrangerScene scene = new StrangerScene(fresh(), List.of())) {
            for (Stranger stranger : all) {
                slowest = Math.max(slowest, scene.meet(stranger, SECONDS));
            }
        }
        List<String> harmful = new ArrayList<>();
        List<String> harmless = new ArrayList<>();
        for (Stranger stranger : all) {
            if (!stranger.mends().isEmpty()) {
                (doesHarm(stranger) ? harmful : harmless).add(stranger.what());
            }
        }
        assertEquals(List.of(), harmless, "these do no harm without their mends");
        row.holds(
                "%d of %d, 30 good messages after %.1f s at most"
                        .formatted(all.size(), all.size(), slowest),
                "without its mend each of these fails (the others were held off before): "
                        + String.join("; ", harmful));
    }

    private boolean doesHarm(Stranger stranger) throws Exception {
        Path classes = Undefended.changed(fresh(), stranger.mends());
        try (StrangerScene scene = new StrangerScene(fresh(), List.of(classes))) {
            double took = scene.meet(stranger, CONTROL_SECONDS);
            System.out.printf("control: %.1f s%n", took);
            return took > LATE_SECONDS;
        } catch (AssertionError e) {
            System.out.println("control: " + e.getMessage().lines().findFirst().orElse(""));
            return true;
        }
    }

    private Path fresh() throws Exception {
        return Files.createTempDirectory(folder, "strangers");
    }
}
