package dev.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.bundle.graph.Bundles;
import dev.millrace.testing.CommandProcess;
import dev.millrace.testing.FakeMetadata;
import dev.millrace.testing.ServiceLinks;
import dev.millrace.testing.SmallDisk;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WaitsMostly;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How commands start, or fail to, seen from outside: a line, an exit code, no process left. */
@WaitsMostly
class StartsIT {
    private static final Path ENGINES = Path.of("engines").toAbsolutePath();
    private static final Path CACHE = Path.of("target/bundle-cache").toAbsolutePath();
    private static final int SECONDS = 60;

    /** Of a JVM that has crashed and dumps no core. */
    private static final int CRASHED = 1;

    private static final List<String> QUICK_START =
            List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    @TempDir private Path folder;

    @BeforeEach
    void theModelIsPrepared() {
        Bundles.load(ENGINES.resolve("safety"), CACHE);
    }

    private SmallDisk disk(String option) throws Exception {
        Path mounted = Files.createDirectories(folder.resolve("disk"));
        assumeTrue(SmallDisk.isPossible(mounted), "this host allows no mount in a user namespace");
        return new SmallDisk(mounted, option);
    }

    private static String yaml(TestQueue queue) {
        return """
        queue: {url: "%s", wait: 1s}
        device: {type: host}
        cache: %s
        models:
          - {task: safety, bundle: "%s"}
        %s"""
                .formatted(
                        queue.url(),
                        CACHE,
                        ENGINES.resolve("safety"),
                        FakeMetadata.yaml(Optional.empty()));
    }

    /** Mounted as a container's tmpfs is by default, and full. */
    @Test
    void aTemporaryFolderThatHoldsNoCodeIsNoObstacle() throws Exception {
        SmallDisk disk = disk("noexec");
        Path results = folder.resolve("results");
        List<String> before = new ArrayList<>(disk.before());
        String full = "cat /dev/zero >\"$1/full\" 2>/dev/null; shift; exec \"$@\" >\"$0\"";
        before.addAll(List.of("sh", "-c", full, results.toString(), disk.folder().toString()));
        List<String> flags = List.of("-Djava.io.tmpdir=" + disk.folder());
        try (TestQueue queue = new TestQueue(5);
                WorkerProcess worker =
                        WorkerProcess.startBehind(before, folder, yaml(queue), "worker", flags)) {
            worker.awaitReady();
            // Whatever is there now stays when it is killed, and comes again with each start.
            assertEquals(List.of(), libraries(disk, worker.pid()));

            // A crash says so to the operator, and nothing to whoever reads the results.
            assertEquals(
                    0, new ProcessBuilder("kill", "-SEGV", "" + worker.pid()).start().waitFor());
            assertEquals(CRASHED, worker.exitCode(20), worker.output());
            assertTrue(worker.output().contains("# A fatal error"), worker.output());
            assertEquals("", Files.readString(results));
        }
    }

    /** What is in the temporary folder beside what fills it. */
    private static List<String> libraries(SmallDisk disk, long pid) throws IOException {
        Path seen = Path.of("/proc/" + pid + "/root" + disk.folder().toRealPath());
        try (Stream<Path> files = Files.walk(seen)) {
            return files.map(file -> seen.relativize(file).toString())
                    .filter(file -> !file.isEmpty() && !file.equals("full"))
                    .toList();
        }
    }

    @Test
    void whereNoFolderHoldsCodeAWorkerEndsWithOneLine() throws Exception {
        SmallDisk disk = disk("noexec");
        List<String> flags = List.of("-Dmillrace.native.folder=" + disk.folder().resolve("own"));
        try (TestQueue queue = new TestQueue(5);
                WorkerProcess worker =
                        WorkerProcess.startBehind(
                                disk.before(), folder, yaml(queue), "worker", flags)) {
            assertEquals(2, worker.exitCode(SECONDS), worker.output());
            List<String> lines =
                    worker.output().lines().filter(line -> !line.contains(" INFO ")).toList();
            assertEquals(1, lines.size(), worker.output());
            for (String word : List.of("own is mounted noexec", "MILLRACE_NATIVE_FOLDER")) {
                assertTrue(lines.getFirst().contains(word), worker.output());
            }
        }
    }

    @Test
    void theDoctorSaysWhyNativeLibrariesCannotBeHad() throws Exception {
        doctorSays("noexec", "is mounted noexec");
        doctorSays("exec", "has 1 MiB free, which is less than");
    }

    private void doctorSays(String option, String reason) throws Exception {
        SmallDisk disk = disk(option);
        CommandProcess.End end =
                CommandProcess.run(
                        disk.before(),
                        SECONDS,
                        List.of("-Dmillrace.native.folder=" + disk.folder().resolve("own")),
                        List.of("doctor"));
        assertEquals(1, end.code(), end.said());
        List<String> failed = end.said().lines().filter(line -> line.startsWith("FAIL")).toList();
        assertEquals(1, failed.size(), end.said());
        assertTrue(failed.getFirst().contains(reason), end.said());
        assertFalse(end.said().contains("glibc"), end.said());
    }

    /** The status server has threads by then. */
    @Test
    void aLibraryThatDoesNotLoadEndsTheWorker() throws Exception {
        List<String> flags =
                List.of("-Donnxruntime.native.onnxruntime.path=" + folder.resolve("broken.so"));
        try (TestQueue queue = new TestQueue(5);
                WorkerProcess worker =
                        WorkerProcess.start(folder, yaml(queue), "worker", flags, "")) {
            assertEquals(2, worker.exitCode(SECONDS), worker.output());
            List<String> lines =
                    worker.output().lines().filter(line -> !line.contains(" INFO ")).toList();
            assertEquals(1, lines.size(), worker.output());
            assertTrue(lines.getFirst().contains("broken.so"), worker.output());
        }
    }

    /** As a pod of deploy/kubernetes, beside services of which one has the name of a section. */
    @Test
    void variablesOfServicesKeepNoWorkerFromStarting() throws Exception {
        try (TestQueue queue = new TestQueue(5)) {
            List<String> pod =
                    ServiceLinks.env(
                            List.of(
                                    ServiceLinks.of("millrace", "10.3.0.1", Map.of("status", 9400)),
                                    ServiceLinks.of("millrace-callers", "fd00::1", Map.of("a", 80)),
                                    ServiceLinks.of("millrace-queue", "10.3.0.2", Map.of("b", 443)),
                                    Map.of(
                                            "MILLRACE_QUEUE_URL", queue.url(),
                                            "MILLRACE_CACHE", CACHE.toString(),
                                            "MILLRACE_DEVICE_TYPE", "host")));
            try (WorkerProcess worker = WorkerProcess.startBehind(pod, folder, manifest())) {
                worker.awaitReady();
                worker.terminate();
                assertEquals(0, worker.exitCode(20), worker.output());
            }
            List<String> doctor =
                    List.of("doctor", "--config", folder.resolve("worker.yaml").toString());
            CommandProcess.End end = CommandProcess.run(pod, SECONDS, QUICK_START, doctor);
            assertEquals(0, end.code(), end.said());
            // The control: a mistake among them is found.
            List<String> mistaken = new ArrayList<>(pod);
            mistaken.add("MILLRACE_QUEUE_ULR=" + queue.url());
            try (WorkerProcess worker = WorkerProcess.startBehind(mistaken, folder, manifest())) {
                assertEquals(2, worker.exitCode(SECONDS), worker.output());
                assertTrue(worker.output().contains("did you mean MILLRACE_QUEUE_URL?"));
            }
        }
    }

    /** The configuration of the pods, with folders of this machine. */
    private String manifest() throws IOException {
        return Files.readString(Path.of("deploy/kubernetes/base/worker.yaml"))
                .replace("/app/engines", ENGINES.toString())
                .replace("/var/lib/millrace", folder.resolve("state").toString());
    }

    /** With the heap that the launcher gives a supervisor. */
    @Test
    void aSupervisorRunsTheConfigurationOfTheReadme() throws Exception {
        try (TestQueue queue = new TestQueue(5);
                WorkerProcess supervisor =
                        WorkerProcess.start(
                                folder,
                                readme().replaceFirst(
                                                        "url: \\S+",
                                                        "url: " + queue.url() + "\n  wait: 1s")
                                        + "state: {directory: state}\n"
                                        + FakeMetadata.yaml(Optional.empty()),
                                "supervise",
                                List.of("-Xmx32m"),
                                "")) {
            supervisor.awaitReady();
            List<ProcessHandle> workers = supervisor.descendants();
            supervisor.terminate();
            assertEquals(0, supervisor.exitCode(20), supervisor.output());
            assertTrue(workers.stream().noneMatch(ProcessHandle::isAlive), "no process is left");
        }
    }

    private static String readme() throws IOException {
        Matcher block =
                Pattern.compile("(?s)```yaml\n(# worker\\.yaml\n.*?)```")
                        .matcher(Files.readString(Path.of("README.md")));
        assertTrue(block.find(), "README.md has a worker.yaml");
        return block.group(1).replace("bundle: engines", "bundle: " + ENGINES);
    }

    @Test
    void eachCommandAnswersAMistakeWithOneLine() throws Exception {
        String nowhere = folder.resolve("nowhere").toString();
        List<List<String>> mistakes =
                List.of(
                        List.of("worker", "--config", nowhere),
                        List.of("supervise", "--config", nowhere),
                        List.of("tune", "--config", nowhere),
                        List.of("submit", "http://a/"),
                        List.of("demo", "--tasks", "nothing"),
                        List.of("bench", "--rounds", "many"),
                        List.of("engine", "inspect", nowhere),
                        List.of("doctor", "--confg=" + nowhere));
        for (List<String> mistake : mistakes) {
            CommandProcess.End end = CommandProcess.run(List.of(), SECONDS, QUICK_START, mistake);
            assertEquals(2, end.code(), mistake + ": " + end.said());
            assertEquals(1, end.said().lines().count(), mistake + ": " + end.said());
            assertTrue(end.said().startsWith("millrace"), mistake + ": " + end.said());
            assertEquals(0, end.left(), mistake + ": processes left");
        }
    }
}
