package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.RawServer;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row 7: nearly a third of the image URLs lead to one host that swallows packets. */
class BlackHoleFT {
    private static final int GOOD = 3000;
    private static final int BAD = GOOD * 3 / 7;
    private static final String DEVICE = "0,10";

    /** In which more calls come for a host than may run at a time. */
    private static final int SLOW_MS = 15_000;

    @TempDir private Path folder;

    @Test
    void oneBadHostIsIsolated() throws Exception {
        Reliability row =
                Reliability.row(
                        7,
                        "30 % of URLs on a host that swallows packets, or that answers 503 after 2 s or 15 s: the others ≥ 90 %");
        double baseline;
        double rate;
        try (Hole hole = new Hole()) {
            baseline = rate(row.seed(), 0, _ -> hole.url());
            rate = rate(row.seed(), BAD, _ -> hole.url());
        }
        assertTrue(rate >= 0.9 * baseline, rate + " of " + baseline);
        double busy = rate(row.seed(), 2000);
        assertTrue(busy >= 0.9 * baseline, busy + " of " + baseline);
        double slow = rate(row.seed(), SLOW_MS);
        assertTrue(slow >= 0.9 * baseline, slow + " of " + baseline);
        double control = rate(row.seed(), SLOW_MS, Without.SHARES_OF_HOSTS);
        assertTrue(control < 0.9 * baseline, control + " of " + baseline);
        row.holds(
                "%.0f, %.0f and %.0f %% of %.0f images/s"
                        .formatted(
                                100 * rate / baseline,
                                100 * busy / baseline,
                                100 * slow / baseline,
                                baseline),
                "a host may have all calls, 503 after 15 s: %.0f %%"
                        .formatted(100 * control / baseline));
    }

    /** Good images a second beside a host that answers 503 after a time. */
    private double rate(long seed, int ms, Change... off) throws Exception {
        try (RawServer busy =
                new RawServer(
                        "127.0.2.2",
                        0,
                        (_, out) -> {
                            Thread.sleep(ms);
                            out.write("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n".getBytes());
                        })) {
            String url = "http://127.0.2.2:%d/a.jpg".formatted(busy.port());
            return rate(seed, BAD, _ -> url, off);
        }
    }

    /** Good images a second. */
    private double rate(long seed, int bad, IntFunction<String> badUrl, Change... off)
            throws Exception {
        try (FaultBench rig = new FaultBench(seed, 5);
                WorkerProcess worker =
                        rig.settings()
                                .simulate(DEVICE)
                                .fetch("readTimeout: 20s")
                                .fetch("timeout: 30s")
                                .start(folder, off)) {
            worker.awaitReady();
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
