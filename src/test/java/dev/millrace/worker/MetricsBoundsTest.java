package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.millrace.job.Admission;
import dev.millrace.job.Counters;
import dev.millrace.observe.Metrics;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.PromText;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Nothing that is sent makes {@code /metrics} longer, and to read it costs little. */
@Isolated("its scene counts the threads of the process")
class MetricsBoundsTest extends WithWorkerScene {
    private static final int STRANGE = 300;
    private static final int SCRAPES = 200;
    private static final int MOST_SERIES = 700;
    private static final int MOST_CHARS = 100_000;

    /** Half of it is the page itself, built once as bytes and once as text. */
    private static final long MOST_BYTES = 2 << 20;

    private static final double MOST_CPU_MS = 20;

    private static PromText metrics(Worker worker) {
        try {
            return new PromText(WorkerScene.text(worker, "/metrics"));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Names and labels of all series but the JVM's, which follow its collector. */
    private static Set<String> series(PromText metrics) {
        Set<String> series = new TreeSet<>();
        metrics.families().stream()
                .filter(family -> !family.name().startsWith("jvm_"))
                .flatMap(family -> family.samples().stream())
                .forEach(sample -> series.add(sample.name() + sample.labels()));
        return series;
    }

    /** Hosts, tasks, ids, callbacks, buckets and bodies, each of them another. */
    private void flood() {
        for (int i = 0; i < STRANGE; i++) {
            String host = "127.0.%d.%d".formatted(1 + i / 250, 1 + i % 250);
            String url = "http://" + host + ":1/a" + i + ".jpg";
            String task = i % 2 == 0 ? "task" + i : "colors";
            String callback = i % 3 == 0 ? "http://" + host + ":1/results" : scene.internet.sink();
            queue.send(
                    List.of(
                            """
                            {"id": "strange%d", "url": "%s", "task": "%s", "callback_url": "%s"}"""
                                    .formatted(i, url, task, callback)));
        }
        queue.send(List.of("{", "[]", "{\"url\": 1}"));
    }

    @Test
    void aFloodOfNamesMakesNoSeries() throws Exception {
        try (Worker worker = Worker.start(scene.config(WorkerScene.settings()))) {
            scene.send();
            scene.internet.await(1, 30);
            Set<String> before = series(metrics(worker));
            flood();
            Loopback.awaitUntil(
                    () -> metrics(worker).value("millrace_received_total") >= STRANGE,
                    60,
                    () -> "received " + metrics(worker).value("millrace_received_total"));
            Loopback.awaitUntil(
                    () -> metrics(worker).value("millrace_failures_total") > STRANGE / 4.0,
                    30,
                    () -> "failed " + metrics(worker).value("millrace_failures_total"));
            PromText after = metrics(worker);
            assertEquals(before, series(after));
            long all = after.families().stream().mapToLong(one -> one.samples().size()).sum();
            assertTrue(all > 200 && all < MOST_SERIES, all + " series");
            String text = WorkerScene.text(worker, "/metrics");
            assertTrue(text.length() < MOST_CHARS, text.length() + " characters");
        }
    }

    @Test
    void aScrapeIsCheap() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Metrics metrics = new Metrics(new Counters(), new Admission(16, 1 << 20, 4, 60, 0))) {
            for (int i = 0; i < SCRAPES; i++) {
                metrics.scrape();
            }
            long bytes = threads.getCurrentThreadAllocatedBytes();
            long cpuNs = threads.getCurrentThreadCpuTime();
            for (int i = 0; i < SCRAPES; i++) {
                metrics.scrape();
            }
            bytes = (threads.getCurrentThreadAllocatedBytes() - bytes) / SCRAPES;
            double cpuMs = (threads.getCurrentThreadCpuTime() - cpuNs) / 1e6 / SCRAPES;
            System.out.printf("a scrape: %d bytes, %.2f ms of CPU%n", bytes, cpuMs);
            assertTrue(bytes < MOST_BYTES, bytes + " bytes");
            assertTrue(cpuMs < MOST_CPU_MS, cpuMs + " ms");
        }
    }
}
