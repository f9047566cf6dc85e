package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.ObjectServer;
import dev.millrace.testing.ObjectServer.Reply;
import dev.millrace.testing.Slow;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whoever writes to the queue names a bucket that the worker's role can read and the operator did
 * not list. The store's log says whether anything of it was asked for.
 */
@Slow
class ForbiddenBucketsIT {
    private static final List<String> CREDENTIALS =
            List.of(
                    "env",
                    "AWS_ACCESS_KEY_ID=" + ObjectServer.KEY_ID,
                    "AWS_SECRET_ACCESS_KEY=" + ObjectServer.SECRET);
    private static final int MESSAGES = 20;
    private static final String FORBIDDEN = "/secret/plan.jpg";
    private static final String ALLOWED = "/photos/cat.jpg";

    @TempDir private Path folder;

    @Test
    void nothingIsReadThatIsNotListed() throws Exception {
        List<String> asked = asked(List.of());
        assertEquals(MESSAGES, asked.size());
        assertTrue(asked.stream().allMatch(ALLOWED::equals), asked::toString);
        // The control: without the list the same worker reads both.
        List<String> control = asked(List.of(Without.LISTED_BUCKETS));
        assertEquals(MESSAGES, control.stream().filter(FORBIDDEN::equals).count());
        assertEquals(2 * MESSAGES, control.size());
    }

    /** What was asked for by a worker that lacks some defences. */
    private List<String> asked(List<Change> off) throws Exception {
        try (FaultBench rig = new FaultBench(1, 5);
                ObjectServer store = new ObjectServer()) {
            for (String path : List.of(FORBIDDEN, ALLOWED)) {
                String[] names = path.split("/");
                store.bucket(names[1], "eu-central-1", "111122223333", true);
                byte[] noImage = "no image".getBytes(StandardCharsets.UTF_8);
                store.put(names[1], names[2], Reply.of(noImage, "1"));
            }
            try (WorkerProcess worker = start(rig, store, off)) {
                worker.awaitReady();
                rig.ledger.send(rig.queue, "forbidden", MESSAGES, _ -> "s3:/" + FORBIDDEN);
                rig.ledger.send(rig.queue, "allowed", MESSAGES, _ -> "s3:/" + ALLOWED);
                rig.ledger.await(2 * MESSAGES, 60);
            }
            return store.log().stream().map(ObjectServer.Request::target).toList();
        }
    }

    private WorkerProcess start(FaultBench rig, ObjectServer store, List<Change> off)
            throws IOException {
        Path fresh = Files.createTempDirectory(folder, "worker");
        String yaml =
                rig.settings()
                        .fetch(
                                "s3: {endpoint: 'http://127.0.0.1:%d', region: eu-central-1, allowBuckets: [photos]}"
                                        .formatted(store.port()))
                        .yaml();
        return WorkerProcess.startWith(Undefended.changed(fresh, off), CREDENTIALS, fresh, yaml);
    }
}
