package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.millrace.config.ConfigException;
import dev.millrace.testing.LogLines;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.Slow;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker's life in any order, and what is left of one that ends or cannot begin. */
@Isolated("it counts the threads of the process")
class WorkerTest extends WithWorkerScene {
    private static final Duration SOON = Duration.ofSeconds(5);

    private static void step(Worker worker, String step) throws InterruptedException {
        switch (step) {
            case "begin" -> worker.begin();
            case "drain" -> worker.drain(SOON);
            case "giveBack" -> assertTrue(worker.giveBack(SOON));
            case "close" -> worker.close();
            default -> throw new IllegalArgumentException(step);
        }
    }

    /** A message that comes while it works is answered, or is in the queue for somebody else. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "close close",
                "drain close giveBack close",
                "giveBack drain close close",
                "begin drain drain close giveBack close",
                "begin giveBack drain close",
                "begin close drain"
            })
    void anyOrderEndsWithNothingLeft(String order) throws Exception {
        String id = scene.send();
        Worker worker = scene.load();
        for (String step : order.split(" ")) {
            step(worker, step);
        }
        assertFalse(worker.isStillRunning());
        assertFalse(worker.fault().isDone());
        assertEquals(0, scene.queue.status().inFlight(), "hidden after the end");
        assertEquals(scene.internet.has(id) ? 0 : 1, scene.queue.left());
        assertEquals(0, WorkerScene.status(worker, "/v2/health/live"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"begin", "drain", "giveBack", "close"})
    void itBeginsOnceAndNotAfterItsEnd(String first) throws Exception {
        try (Worker worker = scene.load()) {
            step(worker, first);
            assertThrows(IllegalStateException.class, worker::begin);
            scene.send();
            Thread.sleep(200);
            assertEquals(List.of(), busy(), "threads that find nothing to do and do not rest");
        }
    }

    /** Our threads that run, at ten looks of ten. */
    private List<String> busy() throws InterruptedException {
        List<String> busy = scene.threads();
        for (int i = 0; i < 10; i++) {
            Thread.sleep(5);
            List<String> running =
                    Thread.getAllStackTraces().keySet().stream()
                            .filter(thread -> thread.getState() == Thread.State.RUNNABLE)
                            .map(Thread::getName)
                            .toList();
            // The port's thread is in a system call.
            busy =
                    busy.stream()
                            .filter(name -> running.contains(name) && !name.equals("status"))
                            .toList();
        }
        return busy;
    }

    @Test
    void whoClosesItBesideAnotherWaitsForTheEnd() throws Exception {
        Worker worker = scene.load();
        worker.begin();
        List<FutureTask<Integer>> closers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            closers.add(
                    new FutureTask<>(
                            () -> {
                                worker.close();
                                return scene.threads().size();
                            }));
        }
        closers.forEach(closer -> Thread.ofPlatform().start(closer));
        for (FutureTask<Integer> closer : closers) {
            assertEquals(0, closer.get(10, TimeUnit.SECONDS), "threads at its return");
        }
    }

    private Worker withAMessageInHand() throws Exception {
        scene.internet.hang();
        Worker worker = scene.load();
        worker.begin();
        scene.send();
        Loopback.awaitUntil(() -> scene.internet.waiting() == 1, 10, () -> "no callback");
        return worker;
    }

    /** Its messages are given back by the end even so, not after their visibility. */
    @Test
    void anInterruptedThreadClosesItAsWell() throws Exception {
        Worker worker = withAMessageInHand();
        Thread.currentThread().interrupt();
        worker.close();
        assertTrue(Thread.interrupted(), "the caller still has to hear of it");
        assertEquals(0, scene.queue.status().inFlight());
    }

    @Test
    void aDrainThatWasInterruptedIsMadeUpForByTheClose() throws Exception {
        Worker worker = withAMessageInHand();
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> worker.drain(SOON));
        assertEquals(1, scene.queue.status().inFlight(), "it has given nothing back");
        worker.close();
        assertEquals(0, scene.queue.status().inFlight());
    }

    @Test
    void aFaultMakesItDeadAndEverythingIsGivenBack() throws Exception {
        scene.internet.hang();
        try (Worker worker = scene.load()) {
            assertEquals(503, WorkerScene.status(worker, "/v2/health/ready"), "not yet");
            worker.begin();
            assertEquals(200, WorkerScene.status(worker, "/v2/health/live"));
            assertEquals(200, WorkerScene.status(worker, "/v2/health/ready"));
            scene.send();
            Loopback.awaitUntil(() -> scene.internet.waiting() == 1, 10, () -> "no callback");

            Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().equals("infer-colors"))
                    .forEach(Thread::interrupt);
            Throwable why = worker.fault().get(10, TimeUnit.SECONDS);

            assertTrue(why.getMessage().contains("infer-colors"), why.getMessage());
            assertEquals(503, WorkerScene.status(worker, "/v2/health/live"));
            assertEquals(503, WorkerScene.status(worker, "/v2/health/ready"));
            assertEquals(1, scene.queue.status().inFlight());
            assertTrue(worker.giveBack(SOON));
            assertEquals(0, scene.queue.status().inFlight());
            assertEquals(1, scene.queue.status().visible());
        }
    }

    @Test
    @Slow
    void aBatchThatIsNotDoneInTimeIsAFaultInOneLine() throws Exception {
        Map<String, String> settings = WorkerScene.settings();
        settings.put("MILLRACE_PROFILE", "latency");
        settings.put("MILLRACE_DEVICE_SIMULATE", "3000,0");
        settings.put("MILLRACE_DEVICE_BATCH_TIMEOUT", "1s");
        // Looks more often than each second.
        settings.put("MILLRACE_WATCHDOG", "2s");
        try (LogLines log = new LogLines(Worker.class.getName());
                Worker worker = Worker.load(scene.config(settings))) {
            worker.begin();
            scene.send();
            Throwable why = worker.fault().get(10, TimeUnit.SECONDS);

            String late =
                    "the device has not finished a batch of task 'colors' within 1 s"
                            + " (device.batchTimeout)";
            assertEquals(late, why.getMessage());
            assertEquals(503, WorkerScene.status(worker, "/v2/health/live"));
            assertTrue(worker.giveBack(SOON));
            assertEquals(1, scene.queue.status().visible());
            List<ILoggingEvent> errors =
                    log.events().stream().filter(line -> line.getLevel() == Level.ERROR).toList();
            assertEquals(
                    List.of("the worker cannot go on and gives its messages back: " + late),
                    errors.stream().map(ILoggingEvent::getFormattedMessage).toList());
            assertEquals(null, errors.getFirst().getThrowableProxy(), "a stack trace");
        }
    }

    /** In the order in which a start opens things. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "MILLRACE_STATE_DIRECTORY  | /proc/none    | state.directory",
                "MILLRACE_TRACE            | /proc/none    | trace",
                "MILLRACE_FETCH_ALLOW_ADDRESSES    | 300.0.0.0/8 | fetch.allowAddresses",
                "MILLRACE_CALLBACK_ALLOW_ADDRESSES | 300.0.0.0/8 | callback.allowAddresses",
                "MILLRACE_CALLBACK_ALLOW_HOSTS     | a*b         | callback.allowHosts",
                "MILLRACE_DEVICE_TYPE      | cuda          | device.type",
                "MILLRACE_HTTP_PORT        | taken         | http.port",
                "MILLRACE_CALLBACK_SECRETS | short         | callback.secrets",
                "MILLRACE_QUEUE_ENDPOINT   | http://127.0.0.1:1 | queue.url"
            })
    void aStartThatFailsLeavesNothing(String key, String value, String named) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Map<String, String> settings = WorkerScene.settings();
            settings.put(
                    key, value.equals("taken") ? Integer.toString(taken.getLocalPort()) : value);
            ConfigException line =
                    assertThrows(ConfigException.class, () -> Worker.load(scene.config(settings)));
            assertEquals(1, line.getMessage().lines().count(), line.getMessage());
            assertTrue(line.getMessage().contains(named), line.getMessage());
        }
        scene.nothingIsLeft();
        scene.load().close();
    }

    /** What is looked for is there while a worker is open. */
    @Test
    @Slow
    void negativeControlAWorkerThatIsNotClosedIsSeen() throws Exception {
        Worker worker = scene.load();
        assertTrue(scene.threads().contains("status"), () -> scene.threads().toString());
        assertThrows(AssertionError.class, () -> scene.nothingIsLeft(0));
        worker.close();
    }
}
