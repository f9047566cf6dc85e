package dev.millrace.quarantine;

import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Destination;
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
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries the images of suspect messages, and for a while after a crash those of all, in processes
 * that may crash, a few beside each other. Other messages pass without a wait. A message waits here
 * after its download and before the ring, so it holds its permit and its bytes but no slot. Trials
 * run in {@link TrialLanes}.
 */
public final class Quarantine implements Screening, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);

    private final Suspects suspects;
    private final PoisonImages poison;
    private final BooleanSupplier careful;
    private final Counters counters;
    private final TrialLanes lanes;
    private final SpareTrials spare = new SpareTrials(System.nanoTime());
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile Rules rules;

    /**
     * @param receives after which a message is tried although no crash is known of: another machine
     *     may know of one; 0 for never
     * @param limit of one trial
     * @param lanes in which images are tried beside each other
     * @param journal whether this machine remembers its own crashes; it then tries a message for
     *     its receives only beside others, in a lane that is free
     */
    public record Rules(int receives, Duration limit, int lanes, boolean journal) {}

    /**
     * Why an image is tried, and so what its trial can tell.
     *
     * @param accused it was in native code when a worker crashed
     * @param often it was received more often than the rules have it
     */
    private record Doubt(boolean accused, boolean often) {
        boolean isAny() {
            return accused || often;
        }
    }

    /**
     * @param careful whether the images of all messages are tried now
     * @param command that starts a process which {@link Trial#serve serves}
     */
    public Quarantine(
            Suspects suspects,
            PoisonImages poison,
            Rules rules,
            BooleanSupplier careful,
            Supplier<ProcessBuilder> command,
            Counters counters) {
        this.suspects = suspects;
        this.poison = poison;
        this.rules = rules;
        this.careful = careful;
        this.counters = counters;
        this.lanes = new TrialLanes(rules.lanes(), command);
    }

    /**
     * Starts a process, so that the first trial need not wait for it: while other messages crash
     * the worker, a suspect may not have the time.
     */
    public void prepare() {
        lanes.prepare();
    }

    @Override
    public void screen(Message message, byte[] body) throws FailureException, InterruptedException {
        if (isOfCaller(message) && poison.has(id(message), task(message), body)) {
            throw new FailureException(poison(message, "the image was poison before"));
        }
        try {
            screenNew(message, body);
        } catch (FailureException e) {
            if (isOfCaller(message) && e.failure().kind() == Failure.Kind.POISON) {
                poison.add(id(message), task(message), body);
            }
            throw e;
        }
    }

    private static String id(Message message) {
        return message.delivery().messageId();
    }

    private static boolean isOfCaller(Message message) {
        return message.request().destination() instanceof Destination.Caller;
    }

    /** Callers ask for one. */
    private static String task(Message message) {
        return message.request().tasks().getFirst();
    }

    private void screenNew(Message message, byte[] body)
            throws FailureException, InterruptedException {
        String id = id(message);
        if (suspects.isGuilty(id)) {
            throw new FailureException(
                    poison(
                            message,
                            "the image was in native code whenever a worker crashed, although it"
                                    + " did no harm in its trials"));
        }
        Doubt doubt = doubt(message);
        if (doubt.accused || isTriedByRule(doubt)) {
            await(() -> tryAll(message, body, doubt));
        } else if (doubt.often) {
            tryWhereNobodyWaits(message, body, doubt);
        }
    }

    @Override
    public boolean passes(Message message) {
        return !careful.getAsBoolean()
                && !(isOfCaller(message) && poison.mayHave(id(message)))
                && !suspects.isGuilty(id(message))
                && !doubt(message).isAny();
    }

    private Doubt doubt(Message message) {
        return new Doubt(suspects.has(id(message)), isReceivedTooOften(message));
    }

    /** Messages whose image is tried, or waits for that. */
    public int waiting() {
        return waiting.get();
    }

    /** Other rules hold from now on, but for the lanes; a trial that runs keeps its limit. */
    public void rules(Rules now) {
        rules = now;
    }

    private boolean isTriedByRule(Doubt doubt) {
        return careful.getAsBoolean() || doubt.often && !rules.journal();
    }

    private boolean isReceivedTooOften(Message message) {
        int receives = rules.receives();
        return receives > 0 && message.delivery().receiveCount() > receives;
    }

    /**
     * A message that another machine may have crashed over, or that came again since its host was
     * down for all of them: then there are thousands, which this must not hold up.
     */
    private void tryWhereNobodyWaits(Message message, byte[] body, Doubt doubt)
            throws FailureException, InterruptedException {
        long beganNs = System.nanoTime();
        if (lanes.isOneFree() && spare.begin(beganNs)) {
            try {
                await(() -> tryAll(message, body, doubt));
            } finally {
                spare.end(beganNs, System.nanoTime());
            }
        }
    }

    private void await(Callable<Optional<Failure>> work)
            throws FailureException, InterruptedException {
        Future<Optional<Failure>> trial = lanes.submit(work);
        counters.increment(Counter.TRIALS);
        waiting.incrementAndGet();
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
        } finally {
            waiting.decrementAndGet();
        }
    }

    /** In a lane. The first failure that is found counts for all tasks. */
    private Optional<Failure> tryAll(Message message, byte[] body, Doubt doubt)
            throws IOException, InterruptedException {
        Optional<Failure> failure = Optional.empty();
        for (String task : message.request().tasks()) {
            if (failure.isEmpty()) {
                failure = tryOne(message, task, body, doubt);
            }
        }
        return failure;
    }

    /**
     * Where nothing speaks against a message, only its own doing does: it passes where there is no
     * process to try it, or the machine has no memory for one, and spends no receive for that.
     */
    private Optional<Failure> tryOne(Message message, String task, byte[] body, Doubt doubt)
            throws IOException, InterruptedException {
        if (lanes.areBroken() && !doubt.accused) {
            return Optional.empty();
        }
        try {
            return lanes.run(task, body, rules.limit());
        } catch (TrialProcess.EndedException e) {
            if (e.isForMemory() && !doubt.isAny()) {
                return Optional.empty();
            }
            return Optional.of(poison(message, "the image " + e.getMessage()));
        } catch (IOException e) {
            if (doubt.accused) {
                throw e;
            }
            LOG.warn("{}; images of which no crash is known go on untried", e.getMessage());
            return Optional.empty();
        }
    }

    private static Failure poison(Message message, String why) {
        LOG.warn("message {} is poison: {}", id(message), why);
        return new Failure(
                Failure.Kind.POISON,
                Stage.PREPROCESS,
                why + "; the worker will not try it again, so check the file");
    }

    /** A message is settled: where it is answered, nothing speaks against it any more. */
    public void settled(Message message, Outcome outcome) {
        if (outcome instanceof Outcome.Delivered) {
            suspects.drop(id(message));
        }
    }

    /** Ends the processes, so that the next trials begin with the models as they are now. */
    public void renew() {
        poison.forget();
        lanes.renew();
    }

    /** Ends the processes at once; who waits for a trial is interrupted. */
    @Override
    public void close() {
        lanes.close();
    }
}
