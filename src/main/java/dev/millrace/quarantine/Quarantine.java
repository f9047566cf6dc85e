package dev.millrace.quarantine;

import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Screening;
import dev.millrace.job.Stage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries the images of suspect messages, one at a time, in a process that may crash. Those of other
 * messages pass without a wait. A message waits here after its download and before the ring, so it
 * holds its permit and its bytes but no slot. Trials run on the thread {@code quarantine}; the
 * process is started for the first one and ended when none came for a while.
 */
public final class Quarantine implements Screening, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);
    private static final Duration IDLE = Duration.ofSeconds(30);

    private final Suspects suspects;
    private final Rules rules;
    private final Supplier<ProcessBuilder> command;
    private final Counters counters;
    private final AtomicInteger waiting = new AtomicInteger();
    private final ScheduledExecutorService lane = executor("quarantine");
    private final ScheduledExecutorService clock = executor("quarantine-clock");

    // Written by the lane's thread.
    private volatile TrialProcess process;
    private volatile boolean closed;
    private ScheduledFuture<?> idle;

    /**
     * @param receives after which a message is tried although no crash is known of: another machine
     *     may know of one; 0 for never
     * @param limit of one trial
     */
    public record Rules(int receives, Duration limit) {}

    /**
     * @param command that starts a process which {@link Trial#serve serves}
     */
    public Quarantine(
            Suspects suspects, Rules rules, Supplier<ProcessBuilder> command, Counters counters) {
        this.suspects = suspects;
        this.rules = rules;
        this.command = command;
        this.counters = counters;
    }

    private static ScheduledExecutorService executor(String thread) {
        return Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name(thread).daemon().factory());
    }

    /**
     * Starts the process, so that the first trial need not wait for it: while other messages crash
     * the worker, a suspect may not have the time.
     */
    public void prepare() {
        lane.execute(
                () -> {
                    try {
                        process();
                        endWhenIdle();
                    } catch (IOException e) {
                        LOG.warn(
                                "{}; the worker tries again when it gets the first suspect"
                                        + " message",
                                e.getMessage());
                    }
                });
    }

    @Override
    public void screen(Message message, byte[] body) throws FailureException, InterruptedException {
        String id = message.delivery().messageId();
        if (suspects.isGuilty(id)) {
            throw new FailureException(
                    poison(
                            message,
                            "the image was in native code whenever a worker crashed, although it"
                                    + " did no harm in its trials"));
        }
        if (suspects.has(id) || isReceivedTooOften(message)) {
            counters.increment(Counter.TRIALS);
            waiting.incrementAndGet();
            try {
                await(message, lane.submit(() -> tryAll(message, body)));
            } finally {
                waiting.decrementAndGet();
            }
        }
    }

    /** Messages whose image is tried, or waits for that. */
    public int waiting() {
        return waiting.get();
    }

    private boolean isReceivedTooOften(Message message) {
        return rules.receives() > 0 && message.delivery().receiveCount() > rules.receives();
    }

    private static void await(Message message, Future<Optional<Failure>> trial)
            throws FailureException, InterruptedException {
        try {
            Optional<Failure> failure = trial.get();
            if (failure.isPresent()) {
                throw new FailureException(failure.get());
            }
        } catch (InterruptedException e) {
            trial.cancel(false);
            throw e;
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case InterruptedException closed -> throw closed;
                case IOException io -> throw new UncheckedIOException(io);
                default -> throw new IllegalStateException("a trial failed", e.getCause());
            }
        }
    }

    /** On the lane's thread. The first failure that is found counts for all tasks. */
    private Optional<Failure> tryAll(Message message, byte[] body)
            throws IOException, InterruptedException {
        Optional<Failure> failure = Optional.empty();
        for (String task : message.request().tasks()) {
            if (failure.isEmpty()) {
                failure = tryOne(message, task, body);
            }
        }
        endWhenIdle();
        return failure;
    }

    private Optional<Failure> tryOne(Message message, String task, byte[] body)
            throws IOException, InterruptedException {
        requireOpen();
        TrialProcess running = process();
        try {
            return running.run(task, body, rules.limit());
        } catch (TrialProcess.EndedException e) {
            process = null;
            requireOpen();
            return Optional.of(poison(message, "the image " + e.getMessage()));
        }
    }

    /** A trial that the worker's end cut off says nothing. */
    private void requireOpen() throws InterruptedException {
        if (closed) {
            throw new InterruptedException("the worker ends");
        }
    }

    private TrialProcess process() throws IOException {
        TrialProcess running = process;
        if (running == null || !running.isAlive()) {
            running = new TrialProcess(command.get(), clock);
            process = running;
        }
        return running;
    }

    private void endWhenIdle() {
        if (idle != null) {
            idle.cancel(false);
        }
        idle = lane.schedule(this::endProcess, IDLE.toSeconds(), TimeUnit.SECONDS);
    }

    private static Failure poison(Message message, String why) {
        LOG.warn("message {} is poison: {}", message.delivery().messageId(), why);
        return new Failure(
                Failure.Kind.POISON,
                Stage.PREPROCESS,
                why + "; the worker will not try it again, so check the file");
    }

    /** A message is settled: where it is answered, nothing speaks against it any more. */
    public void settled(Message message, Outcome outcome) {
        if (outcome instanceof Outcome.Delivered) {
            suspects.drop(message.delivery().messageId());
        }
    }

    /** Ends the process, so that the next trial begins with the models as they are now. */
    public void renew() {
        lane.execute(this::endProcess);
    }

    private void endProcess() {
        TrialProcess running = process;
        if (running != null) {
            running.close();
            process = null;
        }
    }

    /** Ends the process at once; who waits for a trial is interrupted. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        TrialProcess running = process;
        if (running != null) {
            running.close();
        }
        // The thread may be starting another one.
        lane.execute(this::endAll);
        lane.shutdown();
    }

    private void endAll() {
        if (idle != null) {
            idle.cancel(false);
        }
        endProcess();
        clock.shutdownNow();
    }
}
