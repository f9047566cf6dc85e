package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.ConfigException;
import dev.millrace.config.SuspectTrials;
import dev.millrace.config.WorkerConfig;
import dev.millrace.job.Counters;
import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.quarantine.CrashJournal;
import dev.millrace.quarantine.StateDirectory;
import dev.millrace.quarantine.trial.TrialCommand;
import dev.millrace.source.QueueSettings;
import dev.millrace.testing.Messages;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker's crash guard after a crash, with the process that it starts. */
class ImageTrialTest {
    private static final String PHOTOS = "/dev/millrace/verify/photos/";

    @TempDir private Path folder;

    private WorkerConfig config(SuspectTrials quarantine) {
        return WorkerConfig.of(
                        QueueSettings.of("http://localhost/q"),
                        List.of(
                                WorkerConfig.Model.of(
                                        "crashing", Path.of("src/test/resources/engines/crashing")),
                                WorkerConfig.Model.of("safety", Path.of("engines/safety"))))
                .with(
                        draft -> {
                            draft.state = new WorkerConfig.State(Optional.of(folder), 0);
                            draft.quarantine = quarantine;
                            draft.cache = folder;
                        });
    }

    /** As a worker leaves it that crashed with the image of {@link Messages#of}. */
    private void crash() throws Exception {
        try (StateDirectory state = StateDirectory.open(folder, "worker");
                CrashJournal journal = state.journal()) {
            journal.guard().enter("message");
        }
    }

    private static byte[] photo(String name) throws Exception {
        try (InputStream in = ImageTrialTest.class.getResourceAsStream(PHOTOS + name)) {
            return in.readAllBytes();
        }
    }

    private static void screen(CrashGuard guard, String photo, String... tasks) throws Exception {
        guard.quarantine().screen(Messages.of(tasks), photo(photo));
    }

    @Test
    void aSuspectImageIsTriedByTheModulesOfItsTasks() throws Exception {
        crash();
        try (CrashGuard guard = new CrashGuard(config(SuspectTrials.DEFAULT), new Counters())) {
            assertEquals(1, guard.suspects().size());
            screen(guard, "photo-512x512-astronaut.jpg", "safety", "crashing");
            screen(guard, "png-451x300-cat.png", "safety");
            FailureException poison =
                    assertThrows(
                            FailureException.class,
                            () -> screen(guard, "png-451x300-cat.png", "safety", "crashing"));
            assertEquals(Failure.Kind.POISON, poison.failure().kind(), poison.getMessage());
            assertTrue(Files.exists(folder.resolve("hs_err_quarantine.log")));
            FailureException corrupt =
                    assertThrows(
                            FailureException.class,
                            () ->
                                    guard.quarantine()
                                            .screen(Messages.of("safety"), new byte[] {1, 2, 3}));
            assertEquals(Failure.Kind.UNSUPPORTED_FORMAT, corrupt.failure().kind());
        }
        try (CrashGuard next = new CrashGuard(config(SuspectTrials.DEFAULT), new Counters())) {
            assertEquals(1, next.suspects().size(), "nobody has answered it yet");
        }
    }

    @Test
    void theLimitOfMemoryIsTheProcesss() throws Exception {
        ProcessBuilder command = new TrialCommand(config(SuspectTrials.DEFAULT), folder).get();
        long limit = Long.parseLong(command.command().get(3));
        assertTrue(limit > SuspectTrials.DEFAULT.memoryBytes() >> 10);
        command.command().set(3, Long.toString(limit / 8));
        assertTrue(command.start().waitFor() != 0, "an eighth is too little for a JVM");
    }

    @Test
    void theProcessKnowsNoSecrets() {
        ProcessBuilder command = new TrialCommand(config(SuspectTrials.DEFAULT), folder).get();
        Map<String, String> environment = command.environment();
        assertFalse(
                environment.keySet().stream()
                        .anyMatch(name -> name.startsWith("AWS_") || name.startsWith("MILLRACE_")));
        assertTrue(environment.containsKey("PATH"));
    }

    @Test
    void oneFolderHasOneWorker() {
        WorkerConfig config = config(SuspectTrials.DEFAULT);
        try (CrashGuard first = new CrashGuard(config, new Counters())) {
            ConfigException e =
                    assertThrows(
                            ConfigException.class, () -> new CrashGuard(config, new Counters()));
            assertTrue(e.getMessage().contains("in use by another worker"), e.getMessage());
            assertEquals(0, first.suspects().size());
        }
    }
}
