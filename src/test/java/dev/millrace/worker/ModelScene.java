package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.WorkerConfig;
import dev.millrace.duty.Duties;
import dev.millrace.gpu.Tracer;
import dev.millrace.gpu.host.HostDevice;
import dev.millrace.job.Message;
import dev.millrace.job.NativeGuard;
import dev.millrace.source.QueueSettings;
import dev.millrace.testing.FailingDevice;
import dev.millrace.testing.Messages;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Models in folders that a test may change, on a device that counts what is open. */
final class ModelScene {
    private static final Path COLORS = Path.of("src/test/resources/engines/colors");
    private static final String PHOTO = "/dev/millrace/verify/photos/mpu-300x250-city-night.jpg";

    final FailingDevice device = new FailingDevice(HostDevice.computing(1));
    final BlockingQueue<Message> completed = new LinkedBlockingQueue<>();
    final BlockingQueue<Throwable> faults = new LinkedBlockingQueue<>();
    final Duties duties = new Duties(faults::add);
    final WorkerConfig config;
    final byte[] photo;

    /** Called amid each load. */
    volatile Runnable amidLoad = () -> {};

    /** Called by a preprocess thread before each image. */
    volatile Runnable beforeImage = () -> {};

    /** Called by the deliver threads. */
    volatile Consumer<Message> delivered = completed::add;

    private final Path home;
    private final Path cache;

    ModelScene(Path home, String... tasks) throws IOException {
        this.home = home;
        this.cache = home.resolve("cache");
        device.failAt(0, () -> null);
        List<WorkerConfig.Model> models = new ArrayList<>();
        for (String task : tasks) {
            Path bundle = Files.createDirectory(home.resolve(task));
            Files.copy(COLORS.resolve("model.onnx"), bundle.resolve("model.onnx"));
            models.add(WorkerConfig.Model.of(task, bundle));
            write(task, 1);
        }
        config = WorkerConfig.of(QueueSettings.of("http://localhost:1/0/images"), models);
        try (InputStream in = getClass().getResourceAsStream(PHOTO)) {
            photo = in.readAllBytes();
        }
    }

    /** Changes the model of a task. */
    void write(String task, int version) {
        try {
            String yaml = Files.readString(COLORS.resolve("model.yaml"));
            declare(task, yaml + "version: v" + version + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void declare(String task, String yaml) throws IOException {
        Files.writeString(home.resolve(task).resolve("model.yaml"), yaml);
    }

    List<LoadedModel> load() {
        return config.models().stream().map(model -> LoadedModel.load(model, cache)).toList();
    }

    LoadedModel load(String task) {
        return load().stream().filter(model -> model.task().equals(task)).findFirst().orElseThrow();
    }

    Models models(List<LoadedModel> loaded) {
        return new Models(
                config,
                loaded,
                device,
                Tracer.NONE,
                this::guard,
                message -> delivered.accept(message),
                duties);
    }

    private NativeGuard guard() {
        amidLoad.run();
        NativeGuard guard = device.guard();
        return new NativeGuard() {
            @Override
            public void enter(String messageId) {
                beforeImage.run();
                guard.enter(messageId);
            }

            @Override
            public void leave() {
                guard.leave();
            }

            @Override
            public void close() {
                guard.close();
            }
        };
    }

    Path cache() {
        return cache;
    }

    static int version(Models models, String task) {
        return Integer.parseInt(models.version(task).replaceAll("v(\\d+)\\+.*", "$1"));
    }

    Message publish(Models models, String task) throws InterruptedException {
        Message message = Messages.of(task);
        while (!models.entrances().get(task).publish(message, 0, photo)) {
            Thread.onSpinWait();
        }
        return message;
    }

    /** The model of a task answers, and with this version. */
    void answers(Models models, String task, int version) throws InterruptedException {
        Message message = publish(models, task);
        assertEquals(message, completed.poll(10, TimeUnit.SECONDS));
        assertFalse(message.results().getFirst().failure().isPresent());
        assertTrue(
                message.results()
                        .getFirst()
                        .model()
                        .orElseThrow()
                        .version()
                        .startsWith("v" + version + "+"));
    }
}
