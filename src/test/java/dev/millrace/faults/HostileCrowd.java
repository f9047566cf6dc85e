package dev.millrace.faults;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A process of its own that opens connections to a port of loopback, asks for something on each,
 * and keeps them. Says how many it has opened, and for each line that it is sent how many of them
 * the other side has not closed; ends with its input.
 */
final class HostileCrowd {
    private static final byte[] ASKED =
            "GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII);

    /** It is not to take the machine's time from the server by itself. */
    private static final int AT_A_TIME = 20;

    private static final int PAUSE_MS = 10;

    private HostileCrowd() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        InetSocketAddress server =
                new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]));
        List<SocketChannel> open = new ArrayList<>();
        for (int i = Integer.parseInt(arguments[1]); i > 0; i--) {
            try {
                SocketChannel one = SocketChannel.open(server);
                open.add(one);
                one.write(ByteBuffer.wrap(ASKED));
                if (i % AT_A_TIME == 0) {
                    Thread.sleep(PAUSE_MS);
                }
            } catch (IOException e) {
                // The server does not want more.
            }
        }
        System.out.println(open.size());
        while (System.in.read() >= 0) {
            long kept = open.stream().filter(HostileCrowd::isOpen).count();
            System.out.println(kept);
        }
    }

    private static boolean isOpen(SocketChannel one) {
        try {
            one.configureBlocking(false);
            ByteBuffer answer = ByteBuffer.allocate(1024);
            int read = 1;
            while (read > 0) {
                read = one.read(answer.clear());
            }
            return read == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
