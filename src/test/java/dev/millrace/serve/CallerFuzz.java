package dev.millrace.serve;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import dev.millrace.testing.LogLines;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Whatever a caller sends, heads and bodies, over a connection to a worker that serves: answers of
 * HTTP, no more of them than there are requests, or the connection is closed; and no failure of the
 * worker in its log. A caller that has sent all may count as gone. Connections are reset by the
 * caller, so that no port stays taken.
 */
public final class CallerFuzz {
    private static final int PATIENCE_MS = 4_000;
    private static final int MAX_BYTES = 64 << 10;
    private static CallerScene scene;
    private static LogLines bugs;

    private CallerFuzz() {}

    /** Starts the worker, which Jazzer asks for before it counts time. */
    public static synchronized void fuzzerInitialize() {
        if (scene == null) {
            bugs = new LogLines(Router.class.getName());
            scene = new CallerScene("safety");
        }
    }

    /** Ends the worker. */
    public static synchronized void close() {
        if (scene != null) {
            scene.close();
            bugs.close();
            scene = null;
        }
    }

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        if (input.length == 0 || input.length > MAX_BYTES) {
            return;
        }
        fuzzerInitialize();
        byte[] answers = answers(input);
        for (ILoggingEvent bug : bugs.events()) {
            bugs.events().clear();
            throw new AssertionError(
                    bug.getFormattedMessage()
                            + "\n"
                            + ThrowableProxyUtil.asString(bug.getThrowableProxy()));
        }
        int requests = 1;
        String text = new String(input, StandardCharsets.ISO_8859_1).toUpperCase(Locale.ROOT);
        for (int at = text.indexOf("HTTP/"); at >= 0; at = text.indexOf("HTTP/", at + 1)) {
            requests++;
        }
        int count = 0;
        InputStream in = new ByteArrayInputStream(answers);
        while (in.available() > 0 && read(in)) {
            count++;
        }
        if (count > requests) {
            throw new AssertionError(count + " answers to " + requests + " requests");
        }
    }

    private static byte[] answers(byte[] input) throws IOException {
        ByteArrayOutputStream answers = new ByteArrayOutputStream();
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), scene.at("/").getPort())) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(PATIENCE_MS);
            socket.setSoLinger(true, 0);
            socket.getOutputStream().write(input);
            socket.shutdownOutput();
            socket.getInputStream().transferTo(answers);
        } catch (SocketException e) {
            // It hung up, and what came before counts.
        }
        return answers.toByteArray();
    }

    /** Reads one answer; false where the last was cut off. */
    private static boolean read(InputStream in) throws IOException {
        String status = line(in);
        if (!status.matches("HTTP/1\\.[01] [1-5]\\d\\d .*")) {
            throw new AssertionError("no answer of HTTP: " + status);
        }
        int code = Integer.parseInt(status.substring(9, 12));
        int length = -1;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(header.substring(15).strip());
            }
        }
        // The answer to HEAD says a length that it does not have.
        if (length > 0 && in.available() >= length) {
            in.mark(length);
            byte[] body = in.readNBytes(length);
            if (new String(body, StandardCharsets.ISO_8859_1).startsWith("HTTP/1.")) {
                in.reset();
            }
        } else if (code != 304 && code != 100) {
            return false;
        }
        return true;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }
}
