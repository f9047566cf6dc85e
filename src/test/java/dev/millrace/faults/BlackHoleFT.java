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
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** Row 7: nearly a third of the image URLs lead to one host that swallows packets. */
class BlackHoleFT {
    private static final int GOOD = 3000;
    private static final int BAD = GOOD * 3 / 7;
    private static final String DEVICE = "0,10";
    private static final int HOSTS = 50;

    @Test
    void oneBadHostIsIsolated() throws Exception {
        Reliability row =
                Reliability.row(
                        7,
                        "30 % of URLs on a host that swallows packets, or that answers 503 after 2 s: the others ≥ 90 %");
        double baseline;
        double rate;
        try (Hole hole = new Hole()) {
            baseline = rate(row.seed(), 0, _ -> hole.url());
            rate = rate(row.seed(), BAD, _ -> hole.url());
        }
        assertTrue(rate >= 0.9 * baseline, rate + " of " + baseline);
        double busy = rate(row.seed(), 1, 2000, "503 Busy");
        assertTrue(busy >= 0.9 * baseline, busy + " of " + baseline);
        double control = rate(row.seed(), HOSTS, 15_000, "500 Oops");
        assertTrue(control < 0.9 * baseline, control + " of " + baseline);
        row.holds(
                "%.0f and %.0f %% of %.0f images/s"
                        .formatted(100 * rate / baseline, 100 * busy / baseline, baseline),
                "%d hosts that answer 500 after 15 s, none of which has much: %.0f %%"
                        .formatted(HOSTS, 100 * control / baseline));
    }

    /** Good images a second beside so many hosts that answer all the same, after a time. */
    private static double rate(long seed, int hosts, int ms, String status) throws Exception {
        List<RawServer> servers = new ArrayList<>();
        try {
            for (int i = 0; i < hosts; i++) {
                servers.add(
                        new RawServer(
                                "127.0.2." + (i + 2),
                                0,
                                (_, out) -> {
                                    Thread.sleep(ms);
                                    String head = "HTTP/1.1 " + status + "\r\n";
                                    out.write((head + "Content-Length: 0\r\n\r\n").getBytes());
                                }));
            }
            return rate(
                    seed,
                    BAD,
                    i ->
                            "http://127.0.2.%d:%d/a.jpg"
                                    .formatted(i % hosts + 2, servers.get(i % hosts).port()));
        } finally {
            for (RawServer server : servers) {
                server.close();
            }
        }
    }

    /** Good images a second. */
    private static double rate(long seed, int bad, IntFunction<String> badUrl) throws Exception {
        try (FaultBench rig = new FaultBench(seed, 5);
                Worker _ =
                        rig.settings()
                                .simulate(DEVICE)
                                .fetch("readTimeout: 20s")
                                .fetch("timeout: 30s")
                                .start()) {
            String photo = rig.photo();
            rig.send("warm-up", 20);
            rig.ledger.await(20, 30);
            long startNs = System.nanoTime();
            rig.ledger.send(
                    rig.queue,
                    "m",
                    GOOD + bad,
                    i -> bad > 0 && i % 10 >= 7 ? badUrl.apply(i) : photo);
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
