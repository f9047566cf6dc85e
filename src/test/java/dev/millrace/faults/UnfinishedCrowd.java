package dev.millrace.faults;

import dev.millrace.testing.RawCaller;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A process of its own whose sockets send unfinished requests without a token to a port of
 * loopback, and open again after a while. Its input ends it.
 */
final class UnfinishedCrowd implements AutoCloseable {
    private static final int RENEWED_AFTER_MS = 4_500;

    /** In which all are opened first. */
    private static final int SPREAD_MS = 2_000;

    private static final String HEAD =
            "POST /v2/models/safety/infer HTTP/1.1\r\nHost: a\r\nContent-Type: image/jpeg\r\nContent-Length: 100000\r\n";

    /** What each socket sends. */
    enum Kind {
        HEADS(HEAD),
        BODIES(HEAD + "\r\n"),
        /** Half of the sockets each. */
        BOTH("");

        private final String sent;

        Kind(String sent) {
            this.sent = sent;
        }
    }

    private final Process process;

    private UnfinishedCrowd(Process process) {
        this.process = process;
    }

    /** Returns once each socket has had the time to open. */
    static UnfinishedCrowd start(int port, int sockets, Kind kind) throws Exception {
        UnfinishedCrowd crowd =
                new UnfinishedCrowd(
                        new ProcessBuilder(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "-Xmx256m",
                                        "-XX:TieredStopAtLevel=1",
                                        "-cp",
                                        ownClasses(),
                                        UnfinishedCrowd.class.getName(),
                                        Integer.toString(port),
                                        Integer.toString(sockets),
                                        kind.name())
                                .redirectError(ProcessBuilder.Redirect.INHERIT)
                                .start());
        if (crowd.process.getInputStream().read() < 0) {
            throw new IOException("the sockets did not open");
        }
        return crowd;
    }

    private static String ownClasses() throws Exception {
        return Path.of(
                        UnfinishedCrowd.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI())
                .toString();
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int port = Integer.parseInt(arguments[0]);
        int sockets = Integer.parseInt(arguments[1]);
        Kind kind = Kind.valueOf(arguments[2]);
        AtomicLong opened = new AtomicLong();
        for (int i = 0; i < sockets; i++) {
            Kind own = kind == Kind.BOTH ? Kind.values()[i % 2] : kind;
            long afterMs = (long) SPREAD_MS * i / sockets;
            Thread.ofVirtual().start(() -> renew(port, own, afterMs, opened));
        }
        Thread.sleep(SPREAD_MS + 1_000);
        System.out.println(opened.get());
        while (System.in.read() >= 0) {
            // Until the other side closes it.
        }
    }

    private static void renew(int port, Kind kind, long afterMs, AtomicLong opened) {
        try {
            Thread.sleep(afterMs);
            while (true) {
                try (RawCaller caller = new RawCaller(port)) {
                    caller.send(kind.sent);
                    opened.incrementAndGet();
                    Thread.sleep(RENEWED_AFTER_MS);
                } catch (IOException e) {
                    Thread.sleep(RENEWED_AFTER_MS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
