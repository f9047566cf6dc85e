package dev.millrace.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.Serving;
import dev.millrace.config.WorkerConfig;
import dev.millrace.fetch.FetchLimits;
import dev.millrace.gpu.host.SimulatedCost;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.Workers;
import dev.millrace.worker.Worker;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Callers of a worker that has a queue with a backlog. */
class CallersBesideQueueIT {
    private static final int MESSAGES = 400;

    /** 40 ms a batch of up to eight on one lane: what is in the ring takes long. */
    private static WorkerConfig config(TestQueue queue) throws Exception {
        return Workers.config(queue.settings(Duration.ofSeconds(60)), 128, "colors")
                .with(
                        draft -> {
                            draft.device =
                                    WorkerConfig.DeviceChoice.of(
                                                    WorkerConfig.DeviceChoice.Type.HOST,
                                                    Optional.of(SimulatedCost.parse("40,0")))
                                            .withLanes(1);
                            draft.serve =
                                    Optional.of(
                                            Serving.of(
                                                    0,
                                                    ServeSettings.LOOPBACK,
                                                    ServeSettings.HALF,
                                                    FetchLimits.DEFAULTS));
                        });
    }

    @Test
    void aCallerGoesBeforeTheBacklogAndTheQueueGoesOn() throws Exception {
        try (TestQueue queue = new TestQueue(5);
                Loopback internet = new Loopback();
                Worker worker = Worker.start(config(queue));
                HttpClient http = HttpClient.newHttpClient()) {
            List<String> bodies = new ArrayList<>();
            for (int i = 0; i < MESSAGES; i++) {
                bodies.add(
                        """
                        {"id": "m%d", "url": "%s", "task": "colors", "callback_url": "%s"}"""
                                .formatted(i, internet.photo(CallerScene.PHOTO), internet.sink()));
            }
            queue.send(bodies);
            internet.await(20, 20);
            URI at =
                    URI.create(
                            "http://127.0.0.1:%d/v2/models/colors/infer"
                                    .formatted(worker.servePort().orElseThrow()));
            List<Long> times = new ArrayList<>();
            for (int i = 0; i < 15; i++) {
                long startNs = System.nanoTime();
                HttpResponse<byte[]> answer =
                        http.send(
                                HttpRequest.newBuilder(at)
                                        .POST(
                                                HttpRequest.BodyPublishers.ofByteArray(
                                                        CallerScene.photo()))
                                        .build(),
                                HttpResponse.BodyHandlers.ofByteArray());
                times.add((System.nanoTime() - startNs) / 1_000_000);
                assertEquals(200, answer.statusCode(), () -> new String(answer.body()));
            }
            assertTrue(internet.ids() < MESSAGES, "there must be a backlog all the while");
            Collections.sort(times);
            // 128 messages in flight are sixteen batches: 640 ms for who waits behind them.
            long median = times.get(times.size() / 2);
            assertTrue(median < 320, times + " ms");
            internet.await(MESSAGES, 60);
            assertEquals(0, internet.duplicates());
            System.out.printf(
                    "beside a backlog a caller waits %d ms in the median, with batches of 40 ms%n",
                    median);
        }
    }
}
