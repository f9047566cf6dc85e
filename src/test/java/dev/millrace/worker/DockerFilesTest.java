package dev.millrace.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.millrace.config.ConfigReader;
import dev.millrace.config.StatusAccess;
import dev.millrace.config.WorkerConfig;
import dev.millrace.duty.Duties;
import dev.millrace.observe.StatusServer;
import dev.millrace.testing.Loopback;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be said of {@code docker/} without a container engine. */
class DockerFilesTest {
    private static final Path DOCKER = Path.of("docker");
    private static final int RESULTS = 50;

    @Test
    void theWorkerOfComposeIsConfigured() throws IOException {
        WorkerConfig config = ConfigReader.read(DOCKER.resolve("worker.yaml"), Map.of());

        assertEquals(9400, config.httpPort().orElseThrow(), "healthcheck and the ports ask there");
        String subnet =
                yaml("compose.yaml")
                        .at("/networks/millrace/ipam/config/0/subnet")
                        .asText("no subnet");
        assertTrue(config.fetch().allowAddresses().contains(subnet), "photos come from the sink");
        assertTrue(config.callback().allowAddresses().contains(subnet), "results go to the sink");
    }

    @Test
    void theQueueOfComposeHasDeadLetters() {
        Config broker =
                ConfigFactory.parseFile(DOCKER.resolve("elasticmq.conf").toFile()).resolve();
        Config images = broker.getConfig("queues.images");
        String queueUrl = ConfigReader.read(DOCKER.resolve("worker.yaml"), Map.of()).queue().url();

        assertEquals(
                "http://%s:%d/000000000000/images"
                        .formatted(
                                broker.getString("node-address.host"),
                                broker.getInt("node-address.port")),
                queueUrl);
        assertTrue(images.getInt("deadLettersQueue.maxReceiveCount") >= 5);
        assertTrue(broker.hasPath("queues." + images.getString("deadLettersQueue.name")));
    }

    @Test
    void theWorkerOfComposeIsConfinedAndMayDrain() throws IOException {
        JsonNode worker = yaml("compose.yaml").at("/services/worker");

        assertTrue(worker.path("read_only").asBoolean());
        assertEquals("10001", worker.path("user").asText());
        assertEquals("SIGTERM", worker.path("stop_signal").asText());
        assertEquals("30s", worker.path("stop_grace_period").asText());
        assertTrue(worker.at("/tmpfs/0").asText().startsWith("/tmp:exec,"), "libraries load there");
        assertEquals("healthcheck", worker.at("/healthcheck/test/1").asText());
    }

    @Test
    void whatComposeMountsAndBuildsIsThere() throws IOException {
        for (String file : new String[] {"compose.yaml", "compose.gpu.yaml"}) {
            for (JsonNode service : yaml(file).path("services")) {
                for (JsonNode volume : service.path("volumes")) {
                    String source = volume.asText().split(":")[0];
                    assertTrue(
                            !source.startsWith(".") || Files.exists(DOCKER.resolve(source)),
                            source);
                }
                JsonNode build = service.path("build");
                assertTrue(
                        build.isMissingNode()
                                || Files.exists(
                                        DOCKER.resolve(build.path("context").asText())
                                                .resolve(build.path("dockerfile").asText())),
                        build.toString());
            }
        }
    }

    /** The native step of the build is a script. */
    @Test
    void theBuildsHaveTheScriptsThatTheyRun() throws IOException {
        for (String file : new String[] {"Dockerfile", "Dockerfile.gpu"}) {
            String said = Files.readString(DOCKER.resolve(file));
            int copied =
                    said.indexOf(
                            "\nCOPY scripts/build-native.sh scripts/build-revision.sh scripts/\n");
            assertTrue(copied > 0 && copied < said.indexOf("\nRUN mvn "), file);
            // Else it is skipped with a line that nobody reads, and images are resized in Java.
            assertTrue(said.contains(" cmake g++ make "), file);
            int downloaded = said.indexOf("package && rm -r src target\n");
            assertTrue(downloaded > 0 && downloaded < said.indexOf("\nCOPY src/main "), file);
        }
    }

    /**
     * It is built of the stage before, which has none, and of the cache that the laboratory made.
     */
    @ParameterizedTest
    @ValueSource(strings = {"Dockerfile", "Dockerfile.gpu"})
    void theWorkersImageHasNoLaboratory(String file) throws IOException {
        String[] stages = Files.readString(DOCKER.resolve(file)).split("(?m)^FROM ");
        String run = stages[stages.length - 3];
        String laboratory = stages[stages.length - 2];
        String worker = stages[stages.length - 1];

        assertTrue(run.contains(" AS run\n") && !run.contains("/target/lib-lab"), run);
        assertTrue(laboratory.startsWith("run AS laboratory\n"), laboratory);
        assertTrue(laboratory.contains("CMD [\"demo\"]"), laboratory);
        assertEquals(
                List.of(
                        "COPY --from=laboratory /app/target/millrace.aot target/millrace.aot",
                        "COPY --from=laboratory /app/target/millrace.aot.jars target/millrace.aot.jars",
                        "USER 10001"),
                worker.lines().filter(line -> line.matches("(COPY|ADD|RUN|USER) .*")).toList());
        assertTrue(worker.startsWith("run\n") && laboratory.contains("\nUSER 10001\n"), worker);
    }

    @Test
    void theImageForAGpuHasOneName() throws IOException {
        assertEquals(
                "millrace-gpu", yaml("compose.gpu.yaml").at("/services/worker/image").asText());
        for (String file :
                new String[] {
                    "docker/Dockerfile.gpu", "scripts/build-engine.sh", "docs/engines.md"
                }) {
            String said = Files.readString(Path.of(file));
            assertTrue(said.contains("millrace-gpu") && !said.contains("millrace:gpu"), file);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "x86_64 Kernel Module  535.183.01, true",
        "Open Kernel Module for x86_64  570.86.15, true",
        "Open Kernel Module for x86_64  580.95.05, false",
        "Open Kernel Module for x86_64  610.43.03, false"
    })
    void anOldDriverGetsTheCompatibilityLibraries(String driver, boolean compat, @TempDir Path root)
            throws Exception {
        Path folder = root.resolve("usr/local/cuda/compat/lib.real");
        for (Path made :
                new Path[] {
                    folder, root.resolve("proc/driver/nvidia"), root.resolve("app/scripts")
                }) {
            Files.createDirectories(made);
        }
        Files.createFile(folder.resolve("libcuda.so.1"));
        Files.writeString(
                root.resolve("proc/driver/nvidia/version"),
                "NVRM version: NVIDIA UNIX " + driver + "  Release Build\nGCC version:\n");
        Path millrace = root.resolve("app/scripts/millrace");
        Files.writeString(
                millrace, "#!/bin/bash\necho \"$MILLRACE_GPU_LIBS $LD_LIBRARY_PATH $*\"\n");
        assertTrue(millrace.toFile().setExecutable(true));
        ProcessBuilder builder = new ProcessBuilder("bash", "docker/gpu-entry", "doctor");
        builder.environment()
                .putAll(
                        Map.of(
                                "GPU_ENTRY_ROOT", root.toString(),
                                "MILLRACE_GPU_LIBS", "/theirs",
                                "LD_LIBRARY_PATH", "/others"));
        Process process = builder.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        String first = compat ? folder + ":" : "";
        assertEquals(first + "/theirs " + first + "/others doctor", said);
    }

    @Test
    void theHealthCheckTellsReadyFromNotReady() throws Exception {
        AtomicBoolean ready = new AtomicBoolean(true);
        try (StatusServer server =
                new StatusServer(
                        0,
                        StatusAccess.DEFAULT,
                        () -> "",
                        () -> true,
                        ready::get,
                        new Duties(_ -> {}))) {
            // It waits for 2 s, which a busy machine may take.
            Loopback.awaitUntil(
                    () -> healthCheck(server.port()) == 0, 20, () -> "it is not seen to be ready");
            ready.set(false);
            assertNotEquals(0, healthCheck(server.port()));
        }
        assertNotEquals(0, healthCheck(freePort()));
    }

    /** As the first process of a container, which gets no signal that it does not ask for. */
    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void theSinkPrintsALineForEachResultAndStopsAtOnce(String signal, @TempDir Path folder)
            throws Exception {
        List<String> namespace = List.of("unshare", "-Urpf", "--kill-child", "python3");
        assumeTrue(isPossible(namespace), "this host has no Python, or allows no namespace");
        int port = freePort();
        Path lines = folder.resolve("lines");
        List<String> command = new ArrayList<>(namespace);
        command.addAll(List.of("docker/sink.py", Integer.toString(port), folder.toString()));
        Process outer =
                new ProcessBuilder(command)
                        .redirectOutput(lines.toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI sink = URI.create("http://127.0.0.1:" + port + "/results");
            Loopback.awaitUntil(() -> isServed(client, sink), 20, () -> "no sink");
            List<CompletableFuture<HttpResponse<Void>>> answers = new ArrayList<>();
            for (int i = 0; i < RESULTS; i++) {
                String result = "{\"number\":%d,\n\"more\":\"%s\"}".formatted(i, "x".repeat(5000));
                answers.add(client.sendAsync(post(sink, result), BodyHandlers.discarding()));
            }
            for (CompletableFuture<HttpResponse<Void>> answer : answers) {
                assertEquals(204, answer.get().statusCode());
            }
            long pid = outer.children().findFirst().orElseThrow().pid();
            Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start();
            assertEquals(0, kill.waitFor());
            assertTrue(outer.waitFor(10, TimeUnit.SECONDS), "it goes on after SIG" + signal);
            assertEquals(0, outer.exitValue());
            Set<Integer> numbers = new HashSet<>();
            for (String line : Files.readAllLines(lines)) {
                numbers.add(new ObjectMapper().readTree(line).path("number").asInt());
            }
            assertEquals(RESULTS, numbers.size());
        } finally {
            outer.descendants().forEach(ProcessHandle::destroyForcibly);
            outer.destroyForcibly();
        }
    }

    private static boolean isPossible(List<String> interpreter) throws InterruptedException {
        List<String> command = new ArrayList<>(interpreter);
        command.addAll(List.of("-c", ""));
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static HttpRequest post(URI sink, String result) {
        return HttpRequest.newBuilder(sink)
                .POST(HttpRequest.BodyPublishers.ofString(result))
                .build();
    }

    private static boolean isServed(HttpClient client, URI sink) {
        try {
            HttpRequest request = HttpRequest.newBuilder(sink.resolve("/")).build();
            return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static int healthCheck(int port) {
        try {
            return exitOfHealthCheck(port);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int exitOfHealthCheck(int port) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder("bash", "docker/healthcheck", Integer.toString(port))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertTrue(process.waitFor(10, TimeUnit.SECONDS), "it must not hang");
        return process.exitValue();
    }

    private static JsonNode yaml(String file) throws IOException {
        return new YAMLMapper().readTree(DOCKER.resolve(file).toFile());
    }
}
