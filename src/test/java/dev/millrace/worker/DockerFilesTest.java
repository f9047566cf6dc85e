package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.millrace.config.ConfigReader;
import dev.millrace.config.WorkerConfig;
import dev.millrace.duty.Duties;
import dev.millrace.observe.StatusServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What can be said of {@code docker/} without a container engine. */
class DockerFilesTest {
    private static final Path DOCKER = Path.of("docker");

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

    @Test
    void theHealthCheckTellsReadyFromNotReady() throws Exception {
        AtomicBoolean ready = new AtomicBoolean(true);
        try (StatusServer server =
                new StatusServer(0, () -> "", () -> true, ready::get, new Duties(_ -> {}))) {
            assertEquals(0, healthCheck(server.port()));
            ready.set(false);
            assertNotEquals(0, healthCheck(server.port()));
        }
        int closed;
        try (ServerSocket socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        assertNotEquals(0, healthCheck(closed));
    }

    private static int healthCheck(int port) throws IOException, InterruptedException {
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
