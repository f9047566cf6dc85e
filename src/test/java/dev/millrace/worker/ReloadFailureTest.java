package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import dev.millrace.duty.Duties;
import dev.millrace.faults.Undefended;
import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.Tracer;
import dev.millrace.gpu.host.HostDevice;
import dev.millrace.job.Message;
import dev.millrace.lab.demo.ThisMachine;
import dev.millrace.source.QueueSettings;
import dev.millrace.testing.Child;
import dev.millrace.testing.FailingDevice;
import dev.millrace.testing.Messages;
import dev.millrace.testing.Slow;
import dev.millrace.testing.Workers;
import java.io.File;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever a load fails at, it leaves nothing behind: no memory, no stream, no thread. The model
 * that served goes on, and the next try succeeds.
 */
class ReloadFailureTest {
    private static final String TASK = "colors";
    private static final String PHOTO = "/dev/millrace/verify/photos/mpu-300x250-city-night.jpg";

    /** Nobody asks it. */
    private static final QueueSettings QUEUE =
            ThisMachine.queue(
                    "http://localhost:1/000000000000/images",
                    URI.create("http://localhost:1"),
                    Duration.ofSeconds(30));

    private static final List<String> ROLES =
            List.of(
                    "preprocess-" + TASK,
                    "infer-" + TASK,
                    "deliver-" + TASK,
                    "lane-" + TASK,
                    "row-" + TASK);

    private final FailingDevice device = new FailingDevice(HostDevice.computing(1));
    private final BlockingQueue<Message> completed = new LinkedBlockingQueue<>();
    private final AtomicReference<Throwable> fault = new AtomicReference<>();
    private final Duties duties = new Duties(why -> fault.compareAndSet(null, why));
    private WorkerConfig config;
    private LoadedModel model;
    private byte[] photo;

    @TempDir private Path cache;

    @BeforeEach
    void readsTheModel() throws Exception {
        config = Workers.config(QUEUE, 16, TASK);
        model = LoadedModel.load(config.models().getFirst(), cache);
        try (InputStream in = getClass().getResourceAsStream(PHOTO)) {
            photo = in.readAllBytes();
        }
    }

    @AfterEach
    void nothingIsLeftInTheEnd() {
        assertEquals(List.of(), device.open());
        assertEquals(List.of(), threads());
    }

    @Test
    void aReloadThatTheDeviceFailsLeavesNothingWhereverItFails() throws Exception {
        int steps = reloadsFail(() -> new DeviceException("out of memory", false));
        System.out.println(steps + " reloads, each failed at another thing");
    }

    @Test
    void aReloadThatMemoryFailsLeavesNothingWhereverItFails() throws Exception {
        reloadsFail(() -> new OutOfMemoryError("as if"));
    }

    private int reloadsFail(Supplier<Throwable> why) throws Exception {
        device.failAt(0, why);
        try (Models models = models()) {
            List<String> one = device.open();
            List<String> oneThreads = threads();
            int steps = device.asked();
            assertTrue(steps > 10, steps + " things are asked for");
            for (int step = 1; step <= steps; step++) {
                String at = "failed at " + step + " of " + steps;
                device.failAt(step, why);
                ConfigException line =
                        assertThrows(ConfigException.class, () -> models.replace(model), at);
                assertEquals(1, line.getMessage().lines().count(), line.getMessage());
                assertEquals(one, device.open(), at);
                assertEquals(oneThreads, threads(), at);
                answers(models);
                device.failAt(0, why);
                models.replace(model);
                assertEquals(one, device.open(), "after the next try");
                assertEquals(oneThreads, threads(), "after the next try");
                answers(models);
            }
            return steps;
        } finally {
            assertEquals(null, fault.get());
        }
    }

    @Test
    void aFirstLoadThatFailsLeavesNothingWhereverItFails() {
        Supplier<Throwable> why = () -> new DeviceException("out of memory", false);
        device.failAt(0, why);
        models().close();
        int steps = device.asked();
        for (int step = 1; step <= steps; step++) {
            String at = "failed at " + step + " of " + steps;
            device.failAt(step, why);
            ConfigException line = assertThrows(ConfigException.class, this::models, at);
            assertEquals("models: task 'colors': out of memory", line.getMessage());
            assertEquals(List.of(), device.open(), at);
            assertEquals(List.of(), threads(), at);
        }
    }

    @Test
    void negativeControlWithoutTheOwnerSomethingIsLeft() throws Exception {
        List<String> arguments = List.of(cache.toString());
        Child.End owned = Child.run(FailedLoad.class, cache, arguments);
        assertEquals("left: []", owned.said().strip(), owned.complained());

        String closeAfter = "public void closeAfter(Throwable why) {";
        Path classes =
                Undefended.changed(
                        cache.resolve("careless"),
                        List.of(
                                new Undefended.Change(
                                        "resource/Resources.java",
                                        closeAfter,
                                        closeAfter + " if (why != null) { return; }")));

        Child.End ownerless =
                Child.run(
                        FailedLoad.class,
                        cache,
                        arguments,
                        classes + File.pathSeparator + System.getProperty("java.class.path"),
                        Map.of());
        assertEquals("left: [Block, Model]", ownerless.said().strip(), ownerless.complained());
    }

    /** Says what a load leaves that fails at the third thing. */
    static final class FailedLoad {
        private FailedLoad() {}

        public static void main(String[] arguments) {
            Path bundle = Path.of("src/test/resources/engines", TASK);
            WorkerConfig config =
                    WorkerConfig.of(QUEUE, List.of(WorkerConfig.Model.of(TASK, bundle)));
            LoadedModel model = LoadedModel.load(config.models().getFirst(), Path.of(arguments[0]));
            FailingDevice device = new FailingDevice(HostDevice.computing(1));
            device.failAt(3, () -> new DeviceException("out of memory", false));
            assertThrows(
                    ConfigException.class,
                    () ->
                            new Models(
                                    config,
                                    List.of(model),
                                    device,
                                    Tracer.NONE,
                                    device::guard,
                                    message -> {},
                                    new Duties(why -> {})));
            System.out.println("left: " + device.open());
        }
    }

    @Test
    @Slow
    void aThreadThatDoesNotEndIsLeftWithWhatItUses() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        FailingDevice other = new FailingDevice(HostDevice.computing(1));
        // By another name and of another bundle, since its threads stay.
        Path bundle = Path.of("src/test/resources/engines/random");
        LoadedModel named = LoadedModel.load(WorkerConfig.Model.of("stuck", bundle), cache);
        Models models =
                new Models(
                        config,
                        List.of(named),
                        other,
                        Tracer.NONE,
                        other::guard,
                        message -> waitFor(end, stuck),
                        duties);
        List<String> all = other.open();
        models.entrances().get("stuck").publish(Messages.of("stuck"), 0, photo);
        assertTrue(stuck.await(10, TimeUnit.SECONDS));

        assertTimeoutPreemptively(Duration.ofSeconds(10), models::close);

        assertTrue(models.isStillInUse());
        assertEquals(all, other.open(), "nothing is freed under it");
        end.countDown();
    }

    private static void waitFor(CountDownLatch end, CountDownLatch begun) {
        begun.countDown();
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aModelWhoseLoadEndsAfterTheDrainBeganIsNotTaken() throws Exception {
        device.failAt(0, () -> null);
        try (Models models = models()) {
            List<String> one = device.open();
            models.drain();
            models.replace(model);
            assertEquals(one, device.open());
            assertTrue(models.awaitEmpty(Duration.ofSeconds(5)));
        }
    }

    private Models models() {
        return new Models(
                config, List.of(model), device, Tracer.NONE, device::guard, completed::add, duties);
    }

    private void answers(Models models) throws InterruptedException {
        Message message = Messages.of(TASK);
        assertTrue(models.entrances().get(TASK).publish(message, 0, photo));
        assertEquals(message, completed.poll(10, TimeUnit.SECONDS));
        assertFalse(message.results().getFirst().failure().isPresent());
    }

    /** The names of the model's threads that run. */
    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> ROLES.stream().anyMatch(name::startsWith))
                .sorted()
                .toList();
    }
}
