package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
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
            String metrics = metrics(worker);
            double computed = value(metrics, "nv_inference_compute_infer_duration_us") / 1e6;
            double inFlight = value(metrics, "millrace_infer_in_flight_seconds_total");
            assertTrue(computed > 0, metrics);
            assertTrue(computed <= inFlight - COPIES_SECONDS, computed + " s of " + inFlight);
        }
    }

    private static String metrics(Worker worker) throws Exception {
        String uri = "http://127.0.0.1:" + worker.httpPort().orElseThrow() + "/metrics";
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create(uri)).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private static double value(String metrics, String name) {
        return metrics.lines()
                .filter(line -> line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
                .sum();
    }
}
