package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.ObjectServer;
import dev.millrace.testing.WorkerProcess;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Row 36: each message is an event of a bucket with hundreds of records, and one lease, while most
 * of its images wait.
 */
class ManyRecordsFT {
    private static final int MESSAGES = Integer.getInteger("millrace.records.messages", 80);
    private static final int RECORDS = Integer.getInteger("millrace.records.each", 500);
    private static final int MAX_RECEIVES = 5;
    private static final Duration HOST = Duration.ofMillis(100);

    /** Milliseconds per batch and per image: 500 images a second at most. */
    private static final String DEVICE = "1,2";

    private static final int PER_SECOND = 500;

    /** Of the control, whose deadline is shorter than what it has taken needs. */
    private static final int CONTROL_MESSAGES = Math.min(MESSAGES, 40);

    /** In flight, so that the bound on what a killed worker repeats is known. */
    private static final int IN_FLIGHT = 256;

    private static final List<String> CREDENTIALS =
            List.of(
                    "env",
                    "AWS_ACCESS_KEY_ID=" + ObjectServer.KEY_ID,
                    "AWS_SECRET_ACCESS_KEY=" + ObjectServer.SECRET,
                    "AWS_REGION=eu-central-1");

    @TempDir private Path folder;

    /**
     * What a run came to.
     *
     * @param again downloads beyond the first of an image
     * @param ids images that were answered under more than one id
     */
    private record Run(int images, int answered, long dead, int again, long ids, double seconds) {
        /** What the row asks for, but for the downloads. */
        void requireAnswered(String scene) {
            assertEquals(images, answered, scene + ": " + this);
            assertEquals(0, dead, scene + ": " + this);
            assertEquals(0, ids, scene + ": " + this);
        }

        double share() {
            return 100.0 * again / images;
        }

        @Override
        public String toString() {
            return "%,d of %,d answered, %d dead, %d under two ids, %.2f %% downloaded twice, %.0f s"
                    .formatted(answered, images, dead, ids, share(), seconds);
        }
    }

    @Test
    void noMessageDiesOrIsRepeated() throws Exception {
        Reliability row =
                Reliability.row(
                        36,
                        "%d messages of %d images, host at %d ms, `maxReceiveCount` %d: all answered, 0 dead, 0 under two ids, ≤ 1 %% downloaded twice; of a worker that is killed one message and what is in flight"
                                .formatted(MESSAGES, RECORDS, HOST.toMillis(), MAX_RECEIVES));
        List<String> lines = new ArrayList<>();
        Duration third = Duration.ofSeconds(Math.max(2, MESSAGES * RECORDS / PER_SECOND / 3));
        for (String leases :
                List.of(
                        "",
                        "visibility: 1s",
                        "visibility: %ds\n  deadline: %1$ds".formatted(third.toSeconds()))) {
            String scene = leases.isEmpty() ? "defaults" : leases.replaceAll("\n +", ", ");
            Run run = run(MESSAGES, leases, 1);
            System.out.println(scene + ": " + run);
            run.requireAnswered(scene);
            assertTrue(run.share() <= 1, scene + ": " + run);
            lines.add(scene + ": " + run);
        }
        Run killed = run(MESSAGES, "visibility: 10s", 2);
        System.out.println("2 workers: " + killed);
        killed.requireAnswered("2 workers");
        assertTrue(killed.again <= RECORDS + 2 * IN_FLIGHT, "2 workers: " + killed);
        lines.add("2 workers, one killed half-way: " + killed);
        int tenth = Math.max(2, CONTROL_MESSAGES * RECORDS / PER_SECOND / 10);
        Run control =
                run(
                        CONTROL_MESSAGES,
                        "visibility: %ds\n  deadline: %1$ds".formatted(tenth),
                        1,
                        Without.IMAGES_BEFORE_POLLS,
                        Without.LEASES_OF_IMAGES_THAT_WAIT);
        System.out.println("control: " + control);
        assertTrue(control.dead > 0 || control.share() > 1, "control: " + control);
        row.holds(
                String.join("; ", lines),
                "polled while images wait, whose leases end at the deadline, a tenth of the backlog: "
                        + control);
    }

    /**
     * @param leases lines of the section on the queue
     * @param workers the first of several is killed when half of the images are answered
     */
    private Run run(int messages, String leases, int workers, Change... off) throws Exception {
        long startNs = System.nanoTime();
        List<WorkerProcess> all = new ArrayList<>();
        try (FaultBench rig = new FaultBench(1, MAX_RECEIVES);
                Bucket bucket = new Bucket()) {
            for (int i = 0; i < messages; i++) {
                rig.queue.send(List.of(event(i)));
            }
            for (int i = 0; i < workers; i++) {
                all.add(start(rig, bucket, leases, off));
            }
            for (WorkerProcess worker : all) {
                worker.awaitReady();
            }
            int images = messages * RECORDS;
            if (workers > 1) {
                rig.ledger.await(images / 2, 600);
                all.getFirst().kill();
            }
            Loopback.awaitUntil(() -> rig.queue.left() == 0, 900, rig::state);
            Run run =
                    new Run(
                            images,
                            rig.ledger.answered(),
                            rig.queue.deadLetters(),
                            bucket.again(),
                            rig.ledger.callbacks().values().stream()
                                    .filter(ManyRecordsFT::haveTwoIds)
                                    .count(),
                            (System.nanoTime() - startNs) / 1e9);
            all.getLast().terminate();
            assertEquals(0, all.getLast().exitCode(25));
            return run;
        } finally {
            all.forEach(WorkerProcess::close);
        }
    }

    private static boolean haveTwoIds(List<Ledger.Callback> callbacks) {
        return callbacks.stream().map(Ledger.Callback::webhookId).distinct().count() > 1;
    }

    private WorkerProcess start(FaultBench rig, Bucket bucket, String leases, Change... off)
            throws IOException {
        Path fresh = Files.createTempDirectory(folder, "worker");
        FaultSettings settings =
                rig.settings()
                        .simulate(DEVICE)
                        .messages(IN_FLIGHT)
                        .fetch(
                                "s3: {endpoint: 'http://127.0.0.1:%d', region: eu-central-1, allowBuckets: [photos]}"
                                        .formatted(bucket.port()))
                        .more(
                                "source:\n  defaults:\n    tasks: safety\n    callback: %s\nlog:\n  sample: 0.001\n"
                                        .formatted(rig.ledger.sink()));
        String yaml = (leases.isEmpty() ? settings : settings.queue(leases)).yaml();
        return WorkerProcess.startWith(
                Undefended.changed(fresh, List.of(off)), CREDENTIALS, fresh, yaml);
    }

    private static String event(int message) {
        return IntStream.range(0, RECORDS)
                .mapToObj(
                        i ->
                                """
                                {"eventSource": "aws:s3", "awsRegion": "eu-central-1", "eventName": "ObjectCreated:Put",
                                 "s3": {"bucket": {"name": "photos"}, "object": {"key": "%d/%d.jpg", "size": 7}}}"""
                                        .formatted(message, i))
                .collect(Collectors.joining(",", "{\"Records\":[", "]}"));
    }

    /** A bucket that counts how often each object was asked for. */
    private static final class Bucket implements AutoCloseable {
        private final Map<String, Integer> asked = new ConcurrentHashMap<>();
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final HttpServer server;
        private final byte[] photo;

        Bucket() throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ImageIO.write(new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB), "jpg", out);
            photo = out.toByteArray();
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 512);
            server.setExecutor(threads);
            server.createContext("/photos/", this::answer);
            server.start();
        }

        int port() {
            return server.getAddress().getPort();
        }

        int again() {
            return asked.values().stream().mapToInt(times -> times - 1).sum();
        }

        private void answer(HttpExchange exchange) throws IOException {
            try (exchange) {
                asked.merge(exchange.getRequestURI().getPath(), 1, Integer::sum);
                Thread.sleep(HOST);
                exchange.sendResponseHeaders(200, photo.length);
                exchange.getResponseBody().write(photo);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void close() {
            server.stop(0);
            threads.shutdownNow();
        }
    }
}
