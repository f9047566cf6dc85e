package dev.millrace.deliver;

import com.lmax.disruptor.Sequence;
import dev.millrace.api.Verdict;
import dev.millrace.api.VisionModule;
import dev.millrace.duty.Duty;
import dev.millrace.duty.Turn;
import dev.millrace.job.BugLog;
import dev.millrace.job.Failure;
import dev.millrace.job.Job;
import dev.millrace.job.JobRing;
import dev.millrace.job.LimitedLog;
import dev.millrace.job.Message;
import dev.millrace.job.Stage;
import dev.millrace.job.StageClock;
import dev.millrace.job.TaskResult;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The deliver stage of one model, on the thread {@code deliver-<model>}: the last that touches a
 * job.
 */
public final class DeliverProcessor implements Duty {
    private static final Logger LOG = LoggerFactory.getLogger(DeliverProcessor.class);
    private static final long IDLE_NS = TimeUnit.SECONDS.toNanos(1);

    private final JobRing ring;
    private final Sequence inferred;
    private final VisionModule module;
    private final TaskResult.ModelRef model;
    private final Consumer<Message> completed;
    private final StageClock clock;
    private final long spinNs;
    private final Sequence delivered = new Sequence();
    private final BugLog bugs = new BugLog(LOG, Level.WARN);
    private volatile boolean halted;

    /**
     * @param inferred the sequence of the infer stage
     * @param completed takes a message once its last task has a result
     * @param spinNs how long to look for jobs before the thread sleeps
     */
    public DeliverProcessor(
            JobRing ring,
            Sequence inferred,
            VisionModule module,
            Consumer<Message> completed,
            StageClock clock,
            long spinNs) {
        this.ring = ring;
        this.inferred = inferred;
        this.module = module;
        this.model = new TaskResult.ModelRef(module.spec().name(), module.spec().version());
        this.completed = completed;
        this.clock = clock;
        this.spinNs = spinNs;
    }

    /** The last sequence whose slot may be used again. */
    public Sequence sequence() {
        return delivered;
    }

    @Override
    public Turn turn(long nowNs) throws InterruptedException {
        long next = delivered.get() + 1;
        if (!ring.await(() -> halted || inferred.get() >= next, IDLE_NS, spinNs) || halted) {
            return Turn.IDLE;
        }
        deliver(next);
        return Turn.WORKED;
    }

    @Override
    public void stop() {
        halted = true;
        ring.moved();
    }

    private void deliver(long sequence) {
        Job job = ring.get(sequence);
        Message message = job.message();
        int task = job.task();
        TaskResult result = result(job, message.request().tasks().get(task));
        job.clear();
        delivered.set(sequence);
        ring.release(message);
        if (message.complete(task, result)) {
            completed.accept(message);
        }
    }

    private TaskResult result(Job job, String task) {
        long startNs = System.nanoTime();
        Optional<Verdict> verdict = Optional.empty();
        Optional<Failure> failure = job.failure();
        if (failure.isEmpty()) {
            try {
                verdict =
                        Optional.of(
                                module.postprocess(job.outputs(), job.image(), job.placement()));
            } catch (RuntimeException | StackOverflowError | LinkageError | AssertionError e) {
                // The module's own; what else an Error says is about the process.
                bugs.say(
                        "postprocess of model '" + model.name() + "'",
                        job.message().request().id(),
                        e);
                failure =
                        Optional.of(
                                new Failure(
                                        Failure.Kind.POSTPROCESS_FAILED,
                                        Stage.POSTPROCESS,
                                        "the module of model '%s' could not read the outputs: %s"
                                                .formatted(model.name(), LimitedLog.reason(e))));
            }
        }
        long endNs = System.nanoTime();
        clock.add(startNs, endNs);
        TaskResult.Times times = job.times(startNs, endNs);
        return new TaskResult(task, Optional.of(model), verdict, failure, times);
    }
}
