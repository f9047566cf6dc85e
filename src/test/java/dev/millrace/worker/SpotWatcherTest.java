package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.duty.Duties;
import dev.millrace.testing.FakeMetadata;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.RawServer;
import dev.millrace.testing.WaitsMostly;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

@WaitsMostly
class SpotWatcherTest {
    private final CompletableFuture<String> notice = new CompletableFuture<>();
    private final Duties duties = new Duties(notice::completeExceptionally);

    @Test
    void aNoticeIsPassedOnAlthoughTheTokenHasExpired() throws Exception {
        try (FakeMetadata service = new FakeMetadata();
                SpotWatcher watcher = watcher(service.endpoint())) {
            watcher.start();
            Loopback.awaitUntil(() -> service.asked() > 0, 20, () -> "not asked");
            assertThrows(TimeoutException.class, () -> notice.get(100, TimeUnit.MILLISECONDS));
            service.expireTokens();
            service.announce();
            assertTrue(notice.get(20, TimeUnit.SECONDS).contains("terminate"));
            assertEquals(3, service.tokens(), "one at first, one expired, one more");
        }
    }

    /** A machine that has just started is busy, and one answer that is late says little. */
    @Test
    void aTokenThatIsRefusedIsAskedForAgain() throws Exception {
        try (FakeMetadata service = new FakeMetadata();
                SpotWatcher watcher = watcher(service.endpoint())) {
            service.refuseTokens(2);
            service.announce();
            watcher.start();
            assertTrue(notice.get(20, TimeUnit.SECONDS).contains("terminate"));
        }
    }

    private SpotWatcher watcher(URI endpoint) {
        return new SpotWatcher(endpoint, notice::complete, duties, Duration.ofMillis(100));
    }

    @Test
    void whereNobodyAnswersItAsksNoMore() throws Exception {
        URI nobody;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = URI.create("http://127.0.0.1:" + socket.getLocalPort());
        }
        try (SpotWatcher watcher = watcher(nobody)) {
            watcher.start();
            Loopback.awaitUntil(() -> !isRunning(), 20, () -> "it asks on");
        }
    }

    @Test
    void anybodyMayAnswerThere() throws Exception {
        try (RawServer anybody = RawServer.answering("HTTP/1.1 200 OK\r\n\r\n<html>\n</html>");
                SpotWatcher watcher = watcher(URI.create("http://127.0.0.1:" + anybody.port()))) {
            watcher.start();
            Loopback.awaitUntil(() -> !isRunning(), 20, () -> "it asks on");
            assertFalse(notice.isDone(), "an odd token is no fault of the worker");
        }
    }

    private static boolean isRunning() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("spot"));
    }
}
