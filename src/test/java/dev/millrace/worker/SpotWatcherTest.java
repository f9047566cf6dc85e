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
                SpotWatcher watcher =
                        new SpotWatcher(service.endpoint(), notice::complete, duties)) {
            watcher.start();
            Loopback.awaitUntil(() -> service.asked() == 1, 5, () -> "not asked");
            assertThrows(TimeoutException.class, () -> notice.get(100, TimeUnit.MILLISECONDS));
            service.expireTokens();
            service.announce();
            assertTrue(notice.get(6, TimeUnit.SECONDS).contains("terminate"));
            assertEquals(3, service.tokens(), "one at first, one expired, one more");
        }
    }

    @Test
    void whereNobodyAnswersItAsksNoMore() throws Exception {
        URI nobody;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = URI.create("http://127.0.0.1:" + socket.getLocalPort());
        }
        try (SpotWatcher watcher = new SpotWatcher(nobody, notice::complete, duties)) {
            watcher.start();
            Loopback.awaitUntil(() -> !isRunning(), 5, () -> "it asks on");
        }
    }

    @Test
    void anybodyMayAnswerThere() throws Exception {
        try (RawServer anybody = RawServer.answering("HTTP/1.1 200 OK\r\n\r\n<html>\n</html>");
                SpotWatcher watcher =
                        new SpotWatcher(
                                URI.create("http://127.0.0.1:" + anybody.port()),
                                notice::complete,
                                duties)) {
            watcher.start();
            Loopback.awaitUntil(() -> !isRunning(), 5, () -> "it asks on");
            assertFalse(notice.isDone(), "an odd token is no fault of the worker");
        }
    }

    private static boolean isRunning() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("spot"));
    }
}
