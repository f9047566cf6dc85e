package dev.millrace.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.lmax.disruptor.Sequence;
import dev.millrace.api.ColorOrder;
import dev.millrace.api.Fidelity;
import dev.millrace.api.ImageInfo;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.Normalization;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.Placement;
import dev.millrace.api.ResizeRule;
import dev.millrace.api.Verdict;
import dev.millrace.api.VisionModule;
import dev.millrace.duty.Duties;
import dev.millrace.duty.DutyThread;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.gpu.host.HostDevice;
import dev.millrace.job.Failure;
import dev.millrace.job.JobRing;
import dev.millrace.job.Message;
import dev.millrace.job.StageClock;
import dev.millrace.testing.LogLines;
import dev.millrace.testing.Messages;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a module's postprocess throws is its task's failure; what the process says is its end. */
class DeliverProcessorTest {
    private static final TensorSpec PIXELS =
            new TensorSpec("pixels", TensorSpec.Type.UINT8, List.of(4, 4, 3));

    private static final ModelSpec SPEC =
            new ModelSpec(
                    "tiny",
                    "1",
                    "test",
                    4,
                    4,
                    new ResizeRule.Stretch(),
                    Fidelity.EXACT,
                    ColorOrder.RGB,
                    new Normalization(1, List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0)),
                    List.of(),
                    Map.of(),
                    Map.of(),
                    Optional.empty());

    private final BlockingQueue<Message> completed = new LinkedBlockingQueue<>();
    private final AtomicReference<Throwable> fault = new AtomicReference<>();

    private static final class Throwing extends VisionModule {
        private final Error error;

        Throwing(Error error) {
            super(SPEC);
            this.error = error;
        }

        @Override
        public Verdict postprocess(OutputTensors outputs, ImageInfo image, Placement placement) {
            throw error;
        }
    }

    private void deliver(Error thrown) throws InterruptedException {
        deliver(thrown, 1);
    }

    private void deliver(Error thrown, int messages) throws InterruptedException {
        JobRing ring =
                new JobRing(
                        "a",
                        4,
                        HostDevice.computing(1),
                        PIXELS,
                        List.of(new TensorSpec("s", TensorSpec.Type.FLOAT32, List.of(1))));
        Sequence inferred = new Sequence();
        DeliverProcessor deliver =
                new DeliverProcessor(
                        ring, inferred, new Throwing(thrown), completed::add, new StageClock(), 0);
        ring.gate(deliver.sequence());
        DutyThread thread = new Duties(fault::set).thread("deliver-a", deliver);
        thread.start();
        for (int i = 0; i < messages; i++) {
            ring.publish(Messages.of("a"), 0, new byte[1]);
            inferred.set(i);
            ring.moved();
        }
        thread.awaitEnd(Duration.ofMillis(500));
        thread.close();
        ring.close();
    }

    @Test
    void anErrorOfTheModuleIsTheFailureOfItsTask() throws Exception {
        for (Error error :
                List.of(
                        new StackOverflowError(),
                        new NoClassDefFoundError("a/B"),
                        new AssertionError("never"))) {
            deliver(error);
            assertNull(fault.get());
            Message message = completed.poll();
            assertNotNull(message, error::toString);
            Failure failure = message.results().getFirst().failure().orElseThrow();
            assertEquals(Failure.Kind.POSTPROCESS_FAILED, failure.kind());
            assertTrue(failure.message().contains("'tiny'"), failure.message());
        }
    }

    /** Each image may meet the same defect of a module. */
    @Test
    void aDefectOfTheModuleShowsItsTraceOnce() throws Exception {
        try (LogLines log = new LogLines(DeliverProcessor.class.getName())) {
            deliver(new AssertionError("never"), 3);
            assertEquals(3, completed.size());
            assertEquals(
                    List.of("postprocess of model 'tiny' failed for id: AssertionError: never"),
                    log.lines());
            assertNotNull(log.events().getFirst().getThrowableProxy());
        }
    }

    @Test
    void anErrorOfTheProcessIsItsEnd() throws Exception {
        deliver(new InternalError("for the test"));
        assertNotNull(fault.get());
        assertTrue(completed.isEmpty());
    }
}
