package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.faults.ForbiddenCalls.Way;
import dev.millrace.job.Failure;
import dev.millrace.testing.ForbiddenAddresses;
import dev.millrace.testing.ForbiddenAddresses.Vector;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Row 8: strangers lead a worker to forbidden hosts in every way they have. */
class ForbiddenHostFT {
    private static final int LEAST_VECTORS = 120;
    private static final int LEAST_HITS = 100;

    @Test
    void noRequestReachesAForbiddenHost() throws Exception {
        Reliability row =
                Reliability.row(
                        8,
                        "≥ %d hosts as URL, DNS answer, redirect 1 to 3, rebinding, for image and callback: canary hit 0 times; gate open: ≥ %d"
                                .formatted(LEAST_VECTORS, LEAST_HITS));
        List<Vector> vectors = vectors();
        assertTrue(vectors.size() >= LEAST_VECTORS);
        String refused;
        try (ForbiddenCalls calls = new ForbiddenCalls(vectors)) {
            refused = refuseAll(calls, vectors.size());
        }
        // Only what leads to this machine, so that the control asks nobody else.
        List<Vector> near = vectors.stream().filter(ForbiddenHostFT::isHere).toList();
        try (ForbiddenCalls calls = new ForbiddenCalls(near, "0.0.0.0/0", "::/0")) {
            lead(calls);
            assertTrue(calls.vectorsHit() >= LEAST_HITS, calls.vectorsHit() + " vectors");
            row.holds(
                    refused,
                    "gate open, the %d hosts that lead to this machine: %d of them reached, by %,d requests"
                            .formatted(near.size(), calls.vectorsHit(), calls.hits()));
        }
    }

    private static String refuseAll(ForbiddenCalls calls, int vectors) throws Exception {
        lead(calls);
        assertEquals(0, calls.hits());
        // Redirects of callbacks are not followed, which is no refusal.
        long refused = calls.ended(Failure.Kind.URL_FORBIDDEN);
        assertEquals(vectors * (Way.values().length + 3L), refused);
        // The first answer of a name that changes is asked, in vain.
        assertEquals(vectors, calls.ended(Failure.Kind.HTTP_STATUS));
        assertEquals(4L * vectors, calls.ended(Failure.Kind.CALLBACK_FAILED));
        return "%d hosts in %d ways: %,d calls refused, %,d redirects of callbacks not followed, canary hit 0 times"
                .formatted(vectors, Way.values().length, refused, 3L * vectors);
    }

    private static void lead(ForbiddenCalls calls) throws Exception {
        for (Way way : Way.values()) {
            calls.download(way);
            calls.call(way);
        }
    }

    /** Those in the file, and this machine's own addresses. */
    private static List<Vector> vectors() throws SocketException {
        List<Vector> all = new ArrayList<>(ForbiddenAddresses.vectors());
        NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(own -> !own.isLoopbackAddress() && !own.isLinkLocalAddress())
                .forEach(own -> all.add(new Vector(ForbiddenAddresses.host(own), own)));
        return all;
    }

    private static boolean isHere(Vector vector) {
        InetAddress address = vector.address();
        return address.isLoopbackAddress() || address.isAnyLocalAddress();
    }
}
