package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.Loopback;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What 100 open pages cost a worker in CPU time, by turns with nobody looking. Each asks as the
 * page does: every two seconds, on a connection of its own. Run by its name on a machine on which
 * little else runs; {@code -Dmillrace.pairs} sets how many pairs (5), {@code
 * -Dmillrace.pages.seconds} how long each turn takes (20).
 */
@Timeout(900)
class LivePageCost {
    private static final int PAGES = 100;
    private static final int EVERY_MS = 2000;
    private static final double MOST_OF_A_CORE = 0.02;
    private static final int PAIRS = Integer.getInteger("millrace.pairs", 5);
    private static final int SECONDS = Integer.getInteger("millrace.pages.seconds", 20);

    @TempDir private Path folder;

    private static double cpuSeconds(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
    }

    private static int ask(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(5000);
            socket.getOutputStream()
                    .write(
                            "GET /status.json HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\nAccept: */*\r\nSec-Fetch-Mode: cors\r\nAccept-Encoding: gzip, deflate, br\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            byte[] answer = in.readAllBytes();
            String head = new String(answer, 0, 15, StandardCharsets.US_ASCII);
            assertTrue(head.startsWith("HTTP/1.1 200"), head);
            return answer.length;
        }
    }

    /** Share of a core that the worker takes over one turn. */
    private static double share(WorkerProcess worker, int pages, AtomicInteger asked)
            throws Exception {
        AtomicBoolean end = new AtomicBoolean();
        AtomicLong failed = new AtomicLong();
        double before = cpuSeconds(worker.pid());
        long startNs = System.nanoTime();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < pages; i++) {
                int first = i * EVERY_MS / Math.max(1, pages);
                clients.submit(
                        () -> {
                            Thread.sleep(first);
                            while (!end.get()) {
                                try {
                                    ask(worker.port());
                                    asked.incrementAndGet();
                                } catch (IOException e) {
                                    failed.incrementAndGet();
                                }
                                Thread.sleep(EVERY_MS);
                            }
                            return null;
                        });
            }
            Thread.sleep(SECONDS * 1000L);
            end.set(true);
        }
        double seconds = (System.nanoTime() - startNs) / 1e9;
        assertTrue(failed.get() == 0, failed + " failed");
        return (cpuSeconds(worker.pid()) - before) / seconds;
    }

    @Test
    void aHundredOpenPagesTakeLittleOfACore() throws Exception {
        String yaml =
                """
                queue:
                  url: %s
                models:
                  - {task: colors, bundle: %s}
                device:
                  type: host
                drain:
                  spot: false
                """;
        try (TestQueue queue = new TestQueue(5);
                WorkerProcess worker =
                        WorkerProcess.start(
                                folder,
                                yaml.formatted(
                                        queue.url(),
                                        Path.of("src/test/resources/engines/colors")
                                                .toAbsolutePath()))) {
            Loopback.awaitUntil(() -> worker.status("/v2/health/ready") == 200, 60, worker::output);
            AtomicInteger asked = new AtomicInteger();
            share(worker, PAGES, asked);
            List<Double> costs = new ArrayList<>();
            for (int pair = 0; pair < PAIRS; pair++) {
                double without = share(worker, 0, asked);
                asked.set(0);
                double with = share(worker, PAGES, asked);
                costs.add(with - without);
                System.out.printf(
                        "pair %d: %.2f %% of a core with %d pages (%d questions, %d bytes each), %.2f %% without%n",
                        pair, 100 * with, PAGES, asked.get(), ask(worker.port()), 100 * without);
            }
            List<Double> sorted = costs.stream().sorted().toList();
            double median = sorted.get(sorted.size() / 2);
            System.out.printf(
                    "%d open pages: %.2f %% of a core in the median (%.2f to %.2f)%n",
                    PAGES, 100 * median, 100 * sorted.getFirst(), 100 * sorted.getLast());
            assertTrue(median <= MOST_OF_A_CORE, median + " of a core");
        }
    }
}
