package dev.millrace.job;

import com.lmax.disruptor.BlockingWaitStrategy;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.dsl.Disruptor;
import com.lmax.disruptor.dsl.ProducerType;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.gpu.host.HostDevice;
import dev.millrace.testing.Messages;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A body from one thread to another that sleeps while there is none: by the ring of jobs, a queue,
 * and the Disruptor as its DSL sets it up. Many in a row, and one at a time to the next one's
 * start.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HandOverBenchmark {
    private static final int SLOTS = 64;
    private static final int MANY = 10_000;
    private static final Message MESSAGE = Messages.of("numbers");
    private static final byte[] BODY = new byte[1];

    @Param Way way;

    private Channel channel;

    /** How it is handed over. */
    public enum Way {
        JOB_RING,
        ARRAY_BLOCKING_QUEUE,
        DISRUPTOR_DSL
    }

    /** From the benchmark's thread to a thread of its own, which counts what arrives. */
    private abstract static class Channel {
        final AtomicLong taken = new AtomicLong();
        final AtomicBoolean ended = new AtomicBoolean();

        abstract void give() throws InterruptedException;

        abstract void end() throws InterruptedException;

        /** Spins, so that only the way there is measured. */
        void awaitTaken(long count) {
            while (taken.get() < count) {
                Thread.onSpinWait();
            }
        }
    }

    private static final class Ring extends Channel {
        private final HostDevice device = HostDevice.computing(1);
        private final JobRing ring =
                new JobRing(
                        "bench",
                        SLOTS,
                        device,
                        new TensorSpec("pixels", TensorSpec.Type.UINT8, List.of(1, 1, 3)),
                        List.of());
        private final Sequence done = new Sequence();
        private final Thread consumer = Thread.ofPlatform().unstarted(this::consume);

        Ring() {
            ring.gate(done);
            consumer.start();
        }

        private void consume() {
            try {
                for (long next = 0; !ended.get(); ) {
                    long wanted = next;
                    if (ring.await(() -> ring.isPublished(wanted), 10_000_000)) {
                        ring.get(next).clear();
                        done.set(next++);
                        ring.release(MESSAGE);
                        taken.lazySet(next);
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        void give() throws InterruptedException {
            ring.publish(MESSAGE, 0, BODY);
        }

        @Override
        void end() throws InterruptedException {
            ended.set(true);
            consumer.join();
            ring.close();
        }
    }

    private static final class Queue extends Channel {
        private final ArrayBlockingQueue<byte[]> queue = new ArrayBlockingQueue<>(SLOTS);
        private final Thread consumer = Thread.ofPlatform().start(this::consume);

        private void consume() {
            try {
                for (long next = 0; !ended.get(); ) {
                    if (queue.poll(10, TimeUnit.MILLISECONDS) != null) {
                        taken.lazySet(++next);
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        void give() throws InterruptedException {
            queue.put(BODY);
        }

        @Override
        void end() throws InterruptedException {
            ended.set(true);
            consumer.join();
        }
    }

    private static final class Dsl extends Channel {
        /** What the slot holds. */
        private static final class Slot {
            private byte[] body;
        }

        private final Disruptor<Slot> disruptor =
                new Disruptor<>(
                        Slot::new,
                        SLOTS,
                        Thread.ofPlatform().factory(),
                        ProducerType.MULTI,
                        new BlockingWaitStrategy());

        Dsl() {
            disruptor.handleEventsWith(
                    (slot, sequence, _) -> {
                        slot.body = null;
                        taken.lazySet(sequence + 1);
                    });
            disruptor.start();
        }

        @Override
        void give() {
            disruptor.publishEvent((slot, _) -> slot.body = BODY);
        }

        @Override
        void end() {
            disruptor.shutdown();
        }
    }

    @Setup
    public void open() {
        channel =
                switch (way) {
                    case JOB_RING -> new Ring();
                    case ARRAY_BLOCKING_QUEUE -> new Queue();
                    case DISRUPTOR_DSL -> new Dsl();
                };
    }

    @Benchmark
    @OperationsPerInvocation(MANY)
    public void manyInARow() throws InterruptedException {
        long target = channel.taken.get() + MANY;
        for (int i = 0; i < MANY; i++) {
            channel.give();
        }
        channel.awaitTaken(target);
    }

    /** After a pause, as downloads end: the consumer sleeps and has to be woken. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public void oneToASleeper() throws InterruptedException {
        LockSupport.parkNanos(200_000);
        long target = channel.taken.get() + 1;
        channel.give();
        channel.awaitTaken(target);
    }

    /** What {@link #oneToASleeper} takes beside the hand-over. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public void pauseAlone() {
        LockSupport.parkNanos(200_000);
    }

    @TearDown
    public void close() throws InterruptedException {
        channel.end();
    }
}
