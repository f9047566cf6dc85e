package dev.millrace.serve;

import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Settlement;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/** One image whose caller waits for its outcome. */
final class Waiting implements Settlement {
    private final BiConsumer<Message, Outcome> left;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Outcome outcome;

    /**
     * @param left is told of the image and its outcome before its caller is
     */
    Waiting(BiConsumer<Message, Outcome> left) {
        this.left = left;
    }

    @Override
    public void settled(Message image, Outcome ending) {
        try {
            left.accept(image, ending);
        } finally {
            outcome = ending;
            ended.countDown();
        }
    }

    /** Waits so long; says whether the image has ended. */
    boolean await(long nanos) throws InterruptedException {
        return ended.await(nanos, TimeUnit.NANOSECONDS);
    }

    Optional<Outcome> outcome() {
        return Optional.ofNullable(outcome);
    }
}
