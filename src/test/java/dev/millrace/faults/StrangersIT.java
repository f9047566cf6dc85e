package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.testing.Slow;
import dev.millrace.testing.WaitsMostly;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing that strangers send stops a worker: one worker, all of them, one after the other. */
@WaitsMostly
@Slow
class StrangersIT {
    @TempDir private Path folder;

    @Test
    void theWorkerWorksOnAfterEach() throws Exception {
        List<String> failed = new ArrayList<>();
        try (StrangerScene scene = new StrangerScene(folder, List.of())) {
            for (Stranger stranger : Strangers.all()) {
                try {
                    scene.meet(stranger, 15);
                } catch (AssertionError e) {
                    failed.add(e.getMessage());
                    System.out.println("FAILED " + e.getMessage());
                    if (!scene.worker.isAlive()) {
                        break;
                    }
                }
            }
        }
        assertEquals(List.of(), failed);
    }
}
