package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Counter;
import dev.millrace.testing.LogLines;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.RawServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** What hosts see of a worker in the head of its requests. */
@Isolated("its scene counts the threads of the process")
class HeadersOfCallsTest extends WithWorkerScene {
    private static final Path PHOTO =
            Path.of("src/main/resources/dev/millrace/verify/photos/mpu-300x250-city-night.jpg");

    private final List<String> downloads = new CopyOnWriteArrayList<>();
    private final List<String> callbacks = new CopyOnWriteArrayList<>();

    private void runOne(Map<String, String> settings) throws Exception {
        byte[] photo = Files.readAllBytes(PHOTO);
        try (RawServer images = server(downloads, RawServer.ok(photo));
                RawServer sink = server(callbacks, RawServer.ok(new byte[0]));
                Worker worker = Worker.start(scene.config(settings))) {
            queue.send(
                    List.of(
                            """
                            {"url": "http://127.0.0.1:%d/a.jpg", "task": "colors", "callback_url": "http://127.0.0.1:%d/"}"""
                                    .formatted(images.port(), sink.port())));
            Loopback.awaitUntil(
                    () -> worker.counters().get(Counter.DELETED) == 1, 20, () -> "no result");
        }
    }

    private static RawServer server(List<String> heads, byte[] answer) throws IOException {
        return new RawServer(
                (head, out) -> {
                    heads.addAll(head);
                    out.write(answer);
                });
    }

    @Test
    void bothNameTheBuild() throws Exception {
        runOne(WorkerScene.settings());
        for (List<String> heads : List.of(downloads, callbacks)) {
            assertEquals(
                    List.of("User-Agent: Millrace/development"),
                    heads.stream().filter(line -> line.startsWith("User-Agent")).toList());
        }
    }

    /** The control of the reminder. */
    @Test
    void hostsThatMayKnowAreNothingToRemindOf() throws Exception {
        Map<String, String> settings = WorkerScene.settings();
        settings.put("MILLRACE_CALLBACK_HEADERS_AUTHORIZATION", "Bearer abc");
        settings.put("MILLRACE_CALLBACK_ALLOW_HOSTS", "127.0.0.1");
        try (LogLines log = new LogLines("dev.millrace.worker")) {
            runOne(settings);
            assertEquals(List.of(), log.lines("callback.headers"));
        }
        assertTrue(callbacks.contains("authorization: Bearer abc"), callbacks::toString);
    }

    @Test
    void bothNameWhatTheOperatorSays() throws Exception {
        Map<String, String> settings = WorkerScene.settings();
        settings.put("MILLRACE_FETCH_USER_AGENT", "Images/1");
        settings.put("MILLRACE_CALLBACK_USER_AGENT", "Results/2");
        settings.put("MILLRACE_CALLBACK_HEADERS_AUTHORIZATION", "Bearer abc");
        try (LogLines log = new LogLines("dev.millrace.worker")) {
            runOne(settings);
            assertEquals(1, log.lines("callback.headers go to whatever host").size());
        }
        assertTrue(downloads.contains("User-Agent: Images/1"), downloads::toString);
        assertTrue(callbacks.contains("User-Agent: Results/2"), callbacks::toString);
        assertTrue(callbacks.contains("authorization: Bearer abc"), callbacks::toString);
        assertTrue(
                callbacks.stream().anyMatch(line -> line.startsWith("webhook-id: msg_")),
                callbacks::toString);
        assertTrue(
                downloads.stream().noneMatch(line -> line.contains("Bearer")), downloads::toString);
    }

    /** The secret of a header is kept from whoever may write messages. */
    @Test
    void aHostThatIsNotListedIsNeverCalled() throws Exception {
        Map<String, String> settings = WorkerScene.settings();
        settings.put("MILLRACE_CALLBACK_HEADERS_AUTHORIZATION", "Bearer abc");
        settings.put("MILLRACE_CALLBACK_ALLOW_HOSTS", "results.example.com");
        try (RawServer sink = server(callbacks, RawServer.ok(new byte[0]));
                LogLines log = new LogLines("dev.millrace");
                Worker worker = Worker.start(scene.config(settings))) {
            queue.send(
                    List.of(
                            """
                            {"url": "%s", "task": "colors", "callback_url": "http://127.0.0.1:%d/"}"""
                                    .formatted(
                                            scene.internet.photo(PHOTO.getFileName().toString()),
                                            sink.port())));
            Loopback.awaitUntil(
                    () -> worker.counters().get(Counter.REJECTED) == 1, 20, () -> "not refused");
            assertEquals(0, worker.counters().get(Counter.FETCHED_BYTES));
            assertEquals(List.of(), callbacks);
            assertTrue(
                    log.lines().toString().contains("callback.allowHosts"), log.lines()::toString);
            assertTrue(!log.lines().toString().contains("abc"), log.lines()::toString);
        }
    }
}
