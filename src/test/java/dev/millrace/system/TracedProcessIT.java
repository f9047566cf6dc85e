package dev.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.Jcmd;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.OtlpEndpoint;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WaitsMostly;
import dev.millrace.testing.WorkerProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker's process with OpenTelemetry's variables, and without. */
@WaitsMostly
class TracedProcessIT {
    @TempDir private Path folder;

    private static String yaml(TestQueue queue) {
        return """
        queue:
          url: %s
        fetch:
          allowAddresses: [127.0.0.0/8]
        callback:
          allowAddresses: [127.0.0.0/8]
        device:
          type: host
        models:
          - {task: colors, bundle: %s}
        """
                .formatted(
                        queue.url(), Path.of("src/test/resources/engines/colors").toAbsolutePath());
    }

    /** What the worker has loaded and runs once it has answered a message. */
    private static String inside(WorkerProcess worker, TestQueue queue, Loopback loopback)
            throws Exception {
        worker.awaitReady();
        queue.send(
                List.of(
                        """
                        {"id": "m", "url": "%s", "task": "colors", "callback_url": "%s"}"""
                                .formatted(
                                        loopback.photo("mpu-300x250-city-night.jpg"),
                                        loopback.sink())));
        loopback.await(1, 60);
        String inside =
                Jcmd.run(worker.pid(), "VM.class_hierarchy")
                        + Jcmd.run(worker.pid(), "Thread.print");
        worker.terminate();
        assertEquals(0, worker.exitCode(25), worker.output());
        return inside;
    }

    @Test
    void theVariablesAreTheSdksAndADrainSendsWhatIsThere() throws Exception {
        try (TestQueue queue = new TestQueue(5);
                Loopback loopback = new Loopback();
                OtlpEndpoint collector = new OtlpEndpoint()) {
            List<String> environment =
                    new ArrayList<>(
                            List.of(
                                    "env",
                                    "OTEL_EXPORTER_OTLP_ENDPOINT=" + collector.url(),
                                    "OTEL_EXPORTER_OTLP_HEADERS=api-key=whatOnlyTheCollectorKnows",
                                    "OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=test",
                                    "OTEL_SERVICE_NAME=photos"));
            try (WorkerProcess worker =
                    WorkerProcess.startBehind(environment, folder, yaml(queue))) {
                String inside = inside(worker, queue, loopback);
                // The control of the other test.
                assertTrue(inside.contains("io.opentelemetry.sdk."), "no SDK");
                assertTrue(inside.contains("BatchSpanProcessor_WorkerThread"), "no thread");
                assertEquals(8, collector.spans().size(), worker.output());
                assertEquals("photos", collector.resource().get("service.name"));
                assertEquals("test", collector.resource().get("deployment.environment.name"));
                assertTrue(
                        worker.output().contains("spans go to 127.0.0.1, sampled by ParentBased"),
                        worker.output());
                assertTrue(collector.keys().contains("whatOnlyTheCollectorKnows"));
                assertFalse(worker.output().contains("whatOnlyTheCollectorKnows"));
            }
        }
    }

    @Test
    void withoutAnEndpointNothingIsLoadedAndNoThreadStarts() throws Exception {
        try (TestQueue queue = new TestQueue(5);
                Loopback loopback = new Loopback();
                WorkerProcess worker =
                        WorkerProcess.startBehind(
                                List.of("env", "OTEL_TRACES_SAMPLER=always_on"),
                                folder,
                                yaml(queue))) {
            String inside = inside(worker, queue, loopback);
            assertTrue(inside.contains("dev.millrace.job.Message"), "the control");
            assertFalse(inside.contains("io.opentelemetry"), "something of the SDK is loaded");
            assertFalse(inside.contains("BatchSpanProcessor"), "a thread of the SDK runs");
        }
    }
}
