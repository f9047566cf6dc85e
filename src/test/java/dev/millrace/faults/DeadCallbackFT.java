package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.RawServer;
import dev.millrace.testing.WorkerProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row 24: half of the messages, with images of 20 MiB, are for callback hosts that are dead. */
class DeadCallbackFT {
    private static final int MESSAGES = Reliability.sized(150, 60);
    private static final int IMAGE_BYTES = 20 << 20;
    private static final int SEGMENT_BYTES = 65_535;
    private static final double MIN = 0.9;

    /** The device sets the pace, so that a busy machine does not. */
    private static final String DEVICE = "0,200";

    private static final int WARM_UP = 10;

    /** The control is not waited for; its hosts stay dead. */
    private static final int PATIENCE = 4;

    @TempDir private Path folder;

    @Test
    void theOthersKeepTheirThroughput() throws Exception {
        Reliability row =
                Reliability.row(
                        24,
                        "3 GB of images of 20 MiB queued, half for dead callback hosts: the others ≥ 90 % of their throughput with those answering");
        double baseline = seconds(row, Path.of(""), false, 600);
        double dead = seconds(row, Path.of(""), true, 600);
        double share = baseline / dead;
        assertTrue(share >= MIN, "%.2f of the baseline".formatted(share));
        Path holding =
                Undefended.changed(
                        folder.resolve("holding"), List.of(Without.EARLY_RETURN_OF_BYTES));
        double most = PATIENCE * baseline;
        double control = seconds(row, holding, true, most);
        assertTrue(baseline / control < MIN, control + " s in the control");
        row.holds(
                "%.0f %% of %.1f images/s; %d messages, %.1f GB"
                        .formatted(
                                100 * share,
                                MESSAGES / 2 / baseline,
                                MESSAGES,
                                (double) MESSAGES * IMAGE_BYTES / 1e9),
                "bytes held until the message is settled: %s%.0f %%"
                        .formatted(control >= most ? "under " : "", 100 * baseline / control));
    }

    /** Until all messages for the living host are answered, or so many seconds. */
    private double seconds(Reliability row, Path classes, boolean dead, double most)
            throws Exception {
        int refused;
        try (ServerSocket socket = new ServerSocket(0)) {
            refused = socket.getLocalPort();
        }
        // It holds the image once, however many downloads wait for memory amid it.
        byte[] answer = RawServer.ok(padded());
        try (FaultBench rig = new FaultBench(row.seed(), 5);
                RawServer host = new RawServer((_, out) -> out.write(answer));
                RawServer silent = new RawServer((_, _) -> Thread.sleep(600_000));
                WorkerProcess worker = start(rig, classes)) {
            worker.awaitReady();
            rig.send("warm-up", WARM_UP);
            rig.ledger.await(WARM_UP, 60);
            List<String> sinks =
                    dead
                            ? List.of(
                                    "http://127.0.0.1:" + silent.port() + "/",
                                    "http://127.0.0.1:" + refused + "/")
                            : List.of(rig.ledger.sink(), rig.ledger.sink());
            String image = "http://127.0.0.1:" + host.port() + "/large.jpg";
            long startNs = System.nanoTime();
            rig.queue.send(bodies(image, sinks, rig.ledger.sink()));
            double seconds = 0;
            while (rig.ledger.answered("living") < MESSAGES / 2 && seconds < most) {
                Thread.sleep(20);
                seconds = (System.nanoTime() - startNs) / 1e9;
            }
            System.out.printf(
                    "%s: %d of %d living in %.1f s%n",
                    dead ? "dead" : "answering",
                    rig.ledger.answered("living"),
                    MESSAGES / 2,
                    seconds);
            return seconds;
        }
    }

    private WorkerProcess start(FaultBench rig, Path classes) throws IOException {
        Path fresh = Files.createTempDirectory(folder, "worker");
        String yaml = FaultSettings.of(rig.queue.url()).simulate(DEVICE).yaml();
        return classes.toString().isEmpty()
                ? WorkerProcess.start(fresh, yaml)
                : WorkerProcess.startWith(classes, fresh, yaml);
    }

    /** Those for the dead come first in each pair. */
    private static List<String> bodies(String image, List<String> dead, String living) {
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            boolean lives = i % 2 == 1;
            bodies.add(
                    """
                    {"id": "%s%d", "url": "%s", "task": "safety", "callback_url": "%s"}"""
                            .formatted(
                                    lives ? "living" : "dead",
                                    i,
                                    image,
                                    lives ? living : dead.get(i / 2 % dead.size())));
        }
        return bodies;
    }

    /** A small photo with comments that nobody reads, until it is as large as an image may be. */
    private static byte[] padded() throws IOException {
        byte[] photo;
        try (var in =
                DeadCallbackFT.class.getResourceAsStream(
                        "/dev/millrace/verify/photos/mpu-300x250-city-night.jpg")) {
            photo = in.readAllBytes();
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream(IMAGE_BYTES);
        all.write(photo, 0, 2);
        while (all.size() + photo.length + SEGMENT_BYTES + 2 < IMAGE_BYTES) {
            all.write(new byte[] {(byte) 0xFF, (byte) 0xFE, (byte) 0xFF, (byte) 0xFF});
            all.write(new byte[SEGMENT_BYTES - 2]);
        }
        all.write(photo, 2, photo.length - 2);
        return all.toByteArray();
    }
}
