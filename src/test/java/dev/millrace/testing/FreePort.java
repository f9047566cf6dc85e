package dev.millrace.testing;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.SplittableRandom;

/**
 * Finds a port for a server of another process. It is below those that Linux gives to connections:
 * one of these is taken by the next client that comes along, sooner than the server is there.
 */
public final class FreePort {
    private static final int FIRST = 20_000;
    private static final int LAST = 32_000;
    private static final int TRIES = 100;

    private FreePort() {}

    /** One that nobody has now, on any address. */
    public static int find() throws IOException {
        SplittableRandom random = new SplittableRandom();
        IOException taken = null;
        for (int i = 0; i < TRIES; i++) {
            int port = random.nextInt(FIRST, LAST);
            try (ServerSocket socket = new ServerSocket(port)) {
                return socket.getLocalPort();
            } catch (IOException e) {
                taken = e;
            }
        }
        throw taken;
    }
}
