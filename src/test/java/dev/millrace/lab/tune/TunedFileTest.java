package dev.millrace.lab.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.ConfigException;
import dev.millrace.config.ConfigReader;
import dev.millrace.config.WorkerConfig;
import dev.millrace.source.QueueSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code tune} writes is what a worker reads. */
class TunedFileTest {
    private static final Setting CHOSEN = new Setting(3, 16, 1, Duration.ofMillis(2));
    private static final List<String> REASONS = List.of("It is fast.");

    @TempDir private Path folder;
    private Path config;

    @BeforeEach
    void aConfiguration() throws IOException {
        Files.createDirectory(folder.resolve("model"));
        config =
                Files.writeString(
                        folder.resolve("worker.yaml"),
                        """
                        queue: {url: "http://127.0.0.1:1/q", visibility: 90s}
                        device: {type: host, lanes: 4}
                        models:
                          - {task: safety, bundle: model}
                          - {task: other, bundle: ./model, linger: 9ms}
                        admission: {messages: 77}
                        cache: here
                        state: {directory: kept}
                        """);
    }

    @Test
    void besideTheOldOneWithEverythingElseKept() throws IOException {
        TunedFile file = TunedFile.of(Optional.empty(), Optional.of(config), false);
        assertEquals(folder.resolve("worker.tuned.yaml"), file.path());
        assertTuned(write(file));
    }

    @Test
    void inAnotherFolderItMeansTheSameFiles() throws IOException {
        Path other = Files.createDirectory(folder.resolve("other")).resolve("x.yaml");
        assertTuned(write(TunedFile.of(Optional.of(other), Optional.of(config), false)));
    }

    @Test
    void isAsSecretAsTheOldOne() throws IOException {
        Set<PosixFilePermission> mine = PosixFilePermissions.fromString("rw-------");
        Files.setPosixFilePermissions(config, mine);
        TunedFile file = TunedFile.of(Optional.empty(), Optional.of(config), false);
        write(file);
        assertEquals(mine, Files.getPosixFilePermissions(file.path()));
    }

    private WorkerConfig write(TunedFile file) throws IOException {
        WorkerConfig base = ConfigReader.read(config, Map.of());
        file.write(Optional.of(config), base, CHOSEN, REASONS);
        assertTrue(Files.readString(file.path()).contains("# It is fast."));
        return ConfigReader.read(file.path(), Map.of());
    }

    private void assertTuned(WorkerConfig tuned) throws IOException {
        assertEquals(3, tuned.preprocess().threads());
        assertEquals(1, tuned.device().lanes());
        assertEquals(WorkerConfig.DeviceChoice.Type.HOST, tuned.device().type());
        assertEquals(77, tuned.admission().messages());
        assertEquals(Duration.ofSeconds(90), tuned.queue().visibility());
        assertEquals(folder.resolve("here"), tuned.cache());
        assertEquals(Optional.of(folder.resolve("kept")), tuned.state().directory());
        assertEquals(2, tuned.models().size());
        for (WorkerConfig.Model model : tuned.models()) {
            assertEquals(Optional.of(16), model.maxBatch());
            assertEquals(Duration.ofMillis(2), model.linger());
            assertTrue(Files.isSameFile(folder.resolve("model"), model.bundle()));
        }
    }

    @Test
    void withoutAConfigurationOnlyTheQueueIsMissing() throws IOException {
        Path file = folder.resolve("new.yaml");
        WorkerConfig base =
                WorkerConfig.of(
                        QueueSettings.of("http://127.0.0.1:1/q"),
                        List.of(WorkerConfig.Model.of("safety", folder.resolve("model"))));
        TunedFile.of(Optional.of(file), Optional.empty(), false)
                .write(Optional.empty(), base, CHOSEN, REASONS);
        WorkerConfig tuned =
                ConfigReader.read(file, Map.of("MILLRACE_QUEUE_URL", "http://127.0.0.1:1/q"));
        assertEquals(Optional.of(16), tuned.models().getFirst().maxBatch());
        ConfigException missing =
                assertThrows(ConfigException.class, () -> ConfigReader.read(file, Map.of()));
        assertTrue(missing.getMessage().contains("queue.url"), missing::getMessage);
    }

    @Test
    void nothingIsReplacedUnlessThatWasAskedFor() throws IOException {
        Optional<Path> old = Optional.of(Files.writeString(folder.resolve("old.yaml"), "mine"));
        ConfigException refused =
                assertThrows(
                        ConfigException.class, () -> TunedFile.of(old, Optional.of(config), false));
        assertTrue(refused.getMessage().contains("--force"), refused::getMessage);
        assertEquals("mine", Files.readString(old.get()));
        assertTuned(write(TunedFile.of(old, Optional.of(config), true)));
    }
}
