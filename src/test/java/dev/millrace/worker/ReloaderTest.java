package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.millrace.gpu.DeviceException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What a look at the folders comes to, whatever happens to them. The looks are by hand. */
class ReloaderTest {
    private static final String TASK = "colors";

    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Logger log = (Logger) LoggerFactory.getLogger(Reloader.class);
    private final AtomicInteger replaced = new AtomicInteger();
    private ModelScene scene;
    private List<LoadedModel> loaded;
    private Models models;
    private List<String> one;

    @TempDir private Path home;

    @BeforeEach
    void loads() throws Exception {
        lines.start();
        log.addAppender(lines);
        log.setAdditive(false);
        scene = new ModelScene(home, TASK);
        loaded = scene.load();
        models = scene.models(loaded);
        one = scene.device.open();
    }

    @AfterEach
    void nothingIsLeft() {
        log.detachAppender(lines);
        log.setAdditive(true);
        models.close();
        assertEquals(List.of(), scene.device.open());
        assertEquals(List.of(), List.copyOf(scene.faults));
    }

    private Reloader reloader() {
        return new Reloader(
                models,
                loaded,
                scene.cache(),
                Duration.ofHours(1),
                replaced::incrementAndGet,
                scene.duties);
    }

    private static void look(Reloader reloader, int times) throws InterruptedException {
        for (int i = 0; i < times; i++) {
            reloader.look();
        }
    }

    private void serves(int version) throws InterruptedException {
        assertEquals(version, ModelScene.version(models, TASK));
        scene.answers(models, TASK, version);
        assertEquals(one, scene.device.open(), "one model, no more");
    }

    /** The control of the others: where nothing is in its way, a change is taken. */
    @Test
    void aChangeIsTakenWhenTheFolderHasSettled() throws Exception {
        Reloader reloader = reloader();
        scene.write(TASK, 2);
        look(reloader, 1);
        assertEquals(1, ModelScene.version(models, TASK), "it may still be being written");
        look(reloader, 3);
        serves(2);
        assertEquals(1, replaced.get());
        assertEquals(List.of(), lines.list);
    }

    @Test
    void aFolderThatChangesBetweenAllLooksIsLeftAlone() throws Exception {
        Reloader reloader = reloader();
        scene.device.failAt(0, () -> null);
        for (int version = 10; version < 15; version++) {
            scene.write(TASK, version);
            scene.declare(TASK, "# half written " + "x".repeat(version));
            look(reloader, 1);
        }
        assertEquals(0, scene.device.asked());
        assertEquals(List.of(), lines.list);
        serves(1);
    }

    @Test
    void aFolderThatChangedWhileTheWorkerStartedIsSeen() throws Exception {
        // To build a plan takes minutes, all of them before the first look.
        scene.write(TASK, 2);
        look(reloader(), 3);
        serves(2);
    }

    @Test
    void aFolderThatChangesWhileItLoadsIsLoadedOnceMore() throws Exception {
        Reloader reloader = reloader();
        scene.write(TASK, 2);
        scene.amidLoad = () -> scene.write(TASK, 3);
        look(reloader, 2);
        serves(2);
        scene.amidLoad = () -> {};
        look(reloader, 3);
        serves(3);
        assertEquals(2, replaced.get());
    }

    @Test
    void aFolderThatIsNoModelIsToldOnceAndTakenWhenItIsOne() throws Exception {
        Reloader reloader = reloader();
        scene.declare(TASK, "kind: nonsense\n");
        look(reloader, 5);
        serves(1);
        assertEquals(1, lines.list.size(), lines.list::toString);
        String said = lines.list.getFirst().getFormattedMessage();
        assertEquals(1, said.lines().count(), said);
        scene.write(TASK, 2);
        look(reloader, 3);
        serves(2);
        assertEquals(1, lines.list.size(), lines.list::toString);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "the device",
                "memory",
                // As of a mapped file that somebody made shorter.
                "a fault occurred in an unsafe memory access operation"
            })
    void aSuccessorThatFailsAtItsWarmUpIsToldOnceAndNotTaken(String what) throws Exception {
        Reloader reloader = reloader();
        scene.device.failAt(0, () -> null);
        models.replace(scene.load(TASK));
        int last = scene.device.asked();
        Supplier<Throwable> why =
                () ->
                        switch (what) {
                            case "the device" -> new DeviceException(what, false);
                            case "memory" -> new OutOfMemoryError(what);
                            default -> new InternalError(what);
                        };
        scene.write(TASK, 2);
        scene.device.failAt(last, why);
        look(reloader, 5);
        serves(1);
        assertEquals(0, replaced.get());
        assertEquals(1, lines.list.size(), lines.list::toString);
        String said = lines.list.getFirst().getFormattedMessage();
        assertEquals(true, said.contains(what), said);
        scene.write(TASK, 3);
        look(reloader, 3);
        serves(3);
    }

    @Test
    void aDeviceThatIsLostAmidAReloadIsNoMatterOfTheModel() throws Exception {
        Reloader reloader = reloader();
        scene.write(TASK, 2);
        scene.device.failAt(1, () -> new DeviceException("it is gone", true));
        look(reloader, 1);
        DeviceException lost = assertThrows(DeviceException.class, reloader::look);
        assertEquals("task 'colors': it is gone", lost.getMessage());
        assertTrue(lost.sticky());
        assertEquals(List.of(), lines.list);
        assertEquals(one, scene.device.open(), "nothing of the successor is left");
    }
}
