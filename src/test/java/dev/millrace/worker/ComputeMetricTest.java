package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.PromText;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** What {@code /metrics} calls computing is the device's own time, without copies. */
@Isolated("its scene counts the threads of the process")
class ComputeMetricTest extends WithWorkerScene {
    /** Half of what they cost: what a simulated device was late with it makes up for. */
    private static final double COPIES_SECONDS = 0.03;

    @Test
    void copiesAreNoComputing() throws Exception {
        Map<String, String> settings = WorkerScene.settings();
        settings.put("MILLRACE_DEVICE_SIMULATE", "20,0,30,30");
        try (Worker worker = Worker.load(scene.config(settings))) {
            worker.begin();
            scene.send();
            scene.internet.await(1, 20);
            PromText metrics = new PromText(WorkerScene.text(worker, "/metrics"));
            double computed = metrics.value("nv_inference_compute_infer_duration_us") / 1e6;
            double inFlight =
                    metrics.value("millrace_stage_duration_seconds_sum", "stage", "infer");
            assertTrue(computed > 0, () -> computed + " s");
            assertTrue(computed <= inFlight - COPIES_SECONDS, computed + " s of " + inFlight);
        }
    }
}
