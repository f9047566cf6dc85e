package dev.millrace.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.quarantine.StateDirectory;
import dev.millrace.testing.WaitsMostly;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With shells in the place of workers. */
@WaitsMostly
class SupervisorTest {
    @TempDir private Path folder;

    private final List<Integer> started = new CopyOnWriteArrayList<>();

    /** Runs one script after the other, the last again and again. */
    private Supervisor supervisor(StateDirectory state, String... scripts) {
        return new Supervisor(
                state,
                CrashReports.in(folder),
                restarts -> {
                    started.add(restarts);
                    String script = scripts[Math.min(restarts, scripts.length - 1)];
                    return new ProcessBuilder("sh", "-c", script).directory(folder.toFile());
                });
    }

    private int run(String... scripts) throws Exception {
        try (StateDirectory state = StateDirectory.open(folder, "supervisor")) {
            return supervisor(state, scripts).run();
        }
    }

    @Test
    void aCrashIsFollowedByAnotherStart() throws Exception {
        assertEquals(0, run("touch ready; kill -SEGV $$", "touch ready; exit 1", "exit 0"));
        assertEquals(List.of(0, 1, 2), started);
    }

    @Test
    void aMistakeAtTheFirstStartIsTheEnd() throws Exception {
        assertEquals(2, run("exit 2"));
        assertEquals(List.of(0), started);
    }

    @Test
    void whatOnceWorkedIsTriedAgain() throws Exception {
        assertEquals(0, run("touch ready; exit 1", "exit 2", "exit 0"));
        assertEquals(List.of(0, 1, 2), started);
    }

    /** Each script leaves what it finds, as a worker does that reads it at its start. */
    @Test
    void theNextWorkerLearnsHowTheLastOneEnded() throws Exception {
        String look =
                "cat last-end >> ends 2>/dev/null; echo >> ends; rm -f last-end; touch ready; ";
        Files.createFile(folder.resolve("ready"));
        assertEquals(
                0,
                run(
                        look + "kill -KILL $$",
                        look + "kill -SEGV $$",
                        look + "exit 1",
                        look + "rm ready; exit 1",
                        look + "exit 0"));
        assertEquals(
                List.of("CRASHED", "KILLED", "CRASHED", "CRASHED", ""),
                Files.readAllLines(folder.resolve("ends")));
    }

    @Test
    void theSignalGoesToTheWorkerAndItsExitCodeBack() throws Exception {
        try (StateDirectory state = StateDirectory.open(folder, "supervisor")) {
            Supervisor supervisor =
                    supervisor(
                            state,
                            "trap 'exit 7' USR1; touch listening; while :; do sleep 0.05; done");
            CompletableFuture<Integer> end = running(supervisor);
            while (!Files.exists(folder.resolve("listening"))) {
                Thread.sleep(10);
            }
            supervisor.terminate();
            assertEquals(7, end.get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void thePauseBeforeAStartCanBeEnded() throws Exception {
        try (StateDirectory state = StateDirectory.open(folder, "supervisor")) {
            Supervisor supervisor = supervisor(state, "exit 9");
            CompletableFuture<Integer> end = running(supervisor);
            while (started.size() < 3) {
                Thread.sleep(10);
            }
            // It has ended, and the pause has begun.
            Thread.sleep(500);
            supervisor.terminate();
            assertEquals(9, end.get(20, TimeUnit.SECONDS));
        }
    }

    private static CompletableFuture<Integer> running(Supervisor supervisor) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return supervisor.run();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    @Test
    void pausesGrowUpToAMinute() {
        for (int i = 0; i < 100; i++) {
            between(Supervisor.DELAY.after(1), 200, 400);
            between(Supervisor.DELAY.after(4), 1600, 3200);
            between(Supervisor.DELAY.after(51), 30_000, 60_000);
        }
    }

    private static void between(Duration pause, long leastMs, long mostMs) {
        assertTrue(pause.toMillis() >= leastMs && pause.toMillis() <= mostMs, pause.toString());
    }

    @Test
    void theNewestReportsAreKept() throws Exception {
        CrashReports reports = CrashReports.in(folder);
        for (int pid = 1; pid <= CrashReports.KEPT + 5; pid++) {
            Path file = Files.writeString(folder.resolve("hs_err_pid" + pid + ".log"), "");
            assertTrue(file.toFile().setLastModified(pid * 1000L));
        }
        reports.prune();
        assertTrue(reports.of(5).isEmpty());
        assertTrue(reports.of(6).isPresent());
        try (var left = Files.list(folder)) {
            assertEquals(CrashReports.KEPT, left.count());
        }
    }

    @Test
    void aWorkerFindsItsOwnReportsByItsFlags() throws Exception {
        List<String> flags =
                List.of(
                        "-XX:ErrorFile=/first/%p.log",
                        "-Xmx1m", "-XX:ErrorFile=" + folder.resolve("of_%p.log"));
        for (int pid = 1; pid <= CrashReports.KEPT + 1; pid++) {
            Path file = Files.writeString(folder.resolve("of_" + pid + ".log"), "");
            assertTrue(file.toFile().setLastModified(pid * 1000L));
        }
        Path other = Files.writeString(folder.resolve("hs_err_pid1.log"), "");
        CrashReports.of(flags).orElseThrow().prune();
        assertTrue(Files.notExists(folder.resolve("of_1.log")));
        assertTrue(Files.exists(folder.resolve("of_2.log")));
        assertTrue(Files.exists(other));
        assertTrue(CrashReports.of(List.of("-XX:ErrorFile=one.log")).isEmpty(), "is overwritten");
    }

    @Test
    void theDefaultFolderIsTheUsersOwn() {
        assertEquals(
                Path.of("/home/me/.local/state/millrace"),
                SuperviseCommand.defaultDirectory(Map.of("XDG_STATE_HOME", ""), "/home/me"));
        // Of a user without a home folder.
        assertEquals(
                Path.of("/nonexistent/.local/state/millrace"),
                SuperviseCommand.defaultDirectory(Map.of(), "?"));
        assertEquals(
                Path.of("/var/state/millrace"),
                SuperviseCommand.defaultDirectory(
                        Map.of("XDG_STATE_HOME", "/var/state"), "/home/me"));
    }
}
