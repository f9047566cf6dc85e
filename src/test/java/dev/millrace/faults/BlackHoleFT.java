package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.RawServer;
import dev.millrace.worker.Worker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Row 7: nearly a third of the image URLs lead to one host that swallows packets. */
class BlackHoleFT {
    private static final int GOOD = 3000;
    private static final int BAD = GOOD * 3 / 7;
    private static final String DEVICE = "0,10";

    @Test
    void oneBadHostIsIsolated() throws Exception {
        Reliability row =
                Reliability.row(
                        7, "30 % of URLs on a host that swallows packets: the others ≥ 90 %");
        double baseline;
        double rate;
        try (Hole hole = new Hole()) {
            baseline = rate(row.seed(), 0, hole.url());
            rate = rate(row.seed(), BAD, hole.url());
        }
        assertTrue(rate >= 0.9 * baseline, rate + " of " + baseline);
        double control = controlRate(row.seed());
        assertTrue(control < 0.9 * baseline, control + " of " + baseline);
        row.holds(
                "%.0f %% of %.0f images/s".formatted(100 * rate / baseline, baseline),
                "a host that answers 404 after 9 s, which nothing takes for down: %.0f %%"
                        .formatted(100 * control / baseline));
    }

    private static double controlRate(long seed) throws Exception {
        try (RawServer slow =
                new RawServer(
                        "127.0.2.2",
                        0,
                        (head, out) -> {
                            Thread.sleep(9000);
                            out.write("HTTP/1.1 404 Gone\r\nContent-Length: 0\r\n\r\n".getBytes());
                        })) {
            return rate(seed, BAD, "http://127.0.2.2:" + slow.port() + "/a.jpg");
        }
    }

    /** Good images a second. */
    private static double rate(long seed, int bad, String badUrl) throws Exception {
        try (FaultBench rig = new FaultBench(seed, 5);
                Worker _ = rig.settings().simulate(DEVICE).fetch("readTimeout: 10s").start()) {
            String photo = rig.photo();
            rig.send("warm-up", 20);
            rig.ledger.await(20, 30);
            long startNs = System.nanoTime();
            rig.ledger.send(
                    rig.queue, "m", GOOD + bad, i -> bad > 0 && i % 10 >= 7 ? badUrl : photo);
            int enough = GOOD * 9 / 10;
            long deadlineNs = startNs + 90_000_000_000L;
            while (rig.ledger.answered("m") < enough && System.nanoTime() < deadlineNs) {
                Thread.sleep(20);
            }
            return rig.ledger.answered("m") / ((System.nanoTime() - startNs) / 1e9);
        }
    }

    /** An address whose queue of connections is full and never emptied: Linux drops what comes. */
    private static final class Hole implements AutoCloseable {
        private final ServerSocket server =
                new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.2.1"));
        private final List<Socket> filling = new ArrayList<>();

        Hole() throws IOException {
            boolean full = false;
            while (!full) {
                Socket socket = new Socket();
                filling.add(socket);
                try {
                    socket.connect(
                            new InetSocketAddress(server.getInetAddress(), server.getLocalPort()),
                            300);
                } catch (SocketTimeoutException e) {
                    full = true;
                }
            }
        }

        String url() {
            return "http://127.0.2.1:" + server.getLocalPort() + "/a.jpg";
        }

        @Override
        public void close() throws IOException {
            for (Socket socket : filling) {
                socket.close();
            }
            server.close();
        }
    }
}
