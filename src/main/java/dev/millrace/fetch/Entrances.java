package dev.millrace.fetch;

import dev.millrace.job.Failure;
import dev.millrace.job.JobEntrance;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Stage;
import dev.millrace.job.TaskResult;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * The ways of a message into the rings, one for each of its tasks. Thread-safe; called by whoever
 * owns the message, and may wait for slots.
 */
final class Entrances {
    private final Map<String, ? extends JobEntrance> rings;
    private final Consumer<Message> completed;
    private final BiFunction<Message, Throwable, Outcome.Retry> unexpected;

    /**
     * @param rings by task; one may be replaced by its successor at any time
     * @param completed takes over a message whose tasks all have a result
     * @param unexpected what a message that cannot enter ends with
     */
    Entrances(
            Map<String, ? extends JobEntrance> rings,
            Consumer<Message> completed,
            BiFunction<Message, Throwable, Outcome.Retry> unexpected) {
        this.rings = rings;
        this.completed = completed;
        this.unexpected = unexpected;
    }

    /** Says whether no task is left, so that there is nothing to download for. */
    boolean failUnknownTasks(Message message) {
        List<String> names = message.request().tasks();
        boolean last = false;
        for (int task = 0; task < names.size(); task++) {
            if (!rings.containsKey(names.get(task))) {
                last = message.complete(task, unknown(names.get(task)));
            }
        }
        return last;
    }

    private TaskResult unknown(String task) {
        return TaskResult.failed(
                task,
                new Failure(
                        Failure.Kind.UNKNOWN_TASK,
                        Stage.FETCH,
                        "no model of this worker serves this task; use one of "
                                + String.join(", ", rings.keySet().stream().sorted().toList())));
    }

    /** Publishes a message of one task where nothing is waited for; says whether it did. */
    boolean offer(Message message, byte[] body) {
        List<String> names = message.request().tasks();
        JobEntrance ring = names.size() == 1 ? rings.get(names.getFirst()) : null;
        return ring != null && ring.offer(message, 0, body);
    }

    /** After the last task the message belongs to the rings. */
    void publish(Message message, byte[] body) {
        List<String> names = message.request().tasks();
        boolean shared = false;
        int task = 0;
        try {
            for (; task < names.size(); task++) {
                JobEntrance ring = rings.get(names.get(task));
                if (ring != null) {
                    while (!ring.publish(message, task, body)) {
                        if (message.isAbandoned()) {
                            abandon(message, task, shared, notAwaited());
                            return;
                        }
                        ring = rings.get(names.get(task));
                    }
                    shared = true;
                }
            }
        } catch (InterruptedException e) {
            abandon(message, task, shared, interrupted(message));
        } catch (RuntimeException e) {
            abandon(message, task, shared, unexpected.apply(message, e));
        }
    }

    /**
     * Ends a message of which the tasks before {@code from} are published. A job that is in a ring
     * still refers to the message, so the rest fails, and whoever ends last hands it on.
     */
    private void abandon(Message message, int from, boolean shared, Outcome.Retry retry) {
        message.usage().end();
        if (!shared) {
            message.settle(retry);
            return;
        }
        List<String> names = message.request().tasks();
        boolean last = false;
        for (int task = from; task < names.size(); task++) {
            if (rings.containsKey(names.get(task))) {
                last = message.complete(task, TaskResult.failed(names.get(task), retry.failure()));
            }
        }
        if (last) {
            completed.accept(message);
        }
    }

    /** What a message ends with whose thread was interrupted. */
    static Outcome.Retry interrupted(Message message) {
        return message.isAbandoned() ? notAwaited() : Outcome.Retry.draining(Stage.FETCH);
    }

    private static Outcome.Retry notAwaited() {
        return new Outcome.Retry(
                Duration.ZERO,
                new Failure(Failure.Kind.LEASE_LOST, Stage.FETCH, "nobody waits for it any more"));
    }
}
