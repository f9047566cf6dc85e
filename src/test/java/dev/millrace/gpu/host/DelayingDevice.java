package dev.millrace.gpu.host;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.Event;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;
import dev.millrace.gpu.Timer;
import dev.millrace.gpu.Tracer;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A host device whose every piece of work waits for a random time first, and whose engine copies
 * the number at the start of each input row to its output row, so that a row which was overwritten
 * too early shows.
 */
public final class DelayingDevice implements Device {
    private final Device host = HostDevice.computing(1);
    private final long seed;
    private final long mostDelayNs;
    private final boolean eagerEvents;
    private final AtomicLong streams = new AtomicLong();

    public final Map<String, AtomicInteger> batchesByLane = new ConcurrentHashMap<>();
    public final AtomicInteger tornBatches = new AtomicInteger();

    /** Batches whose first row began with zeros. */
    public final AtomicInteger zeroBatches = new AtomicInteger();

    /**
     * @param eagerEvents whether events lie: they complete when they are recorded, so that
     *     "finished" becomes "submitted". The negative control.
     */
    public DelayingDevice(long seed, long mostDelayNs, boolean eagerEvents) {
        this.seed = seed;
        this.mostDelayNs = mostDelayNs;
        this.eagerEvents = eagerEvents;
    }

    @Override
    public String description() {
        return "host with random delays";
    }

    @Override
    public boolean computes() {
        return true;
    }

    @Override
    public Memory allocateHost(long bytes) {
        return host.allocateHost(bytes);
    }

    @Override
    public Memory allocateDevice(long bytes) {
        return host.allocateDevice(bytes);
    }

    @Override
    public Stream createStream(String name) {
        return new DelayingStream(name, new Random(seed + streams.getAndIncrement()));
    }

    @Override
    public Event createEvent() {
        return eagerEvents ? new EagerEvent() : host.createEvent();
    }

    @Override
    public Timer createTimer() {
        HostTimer timer = new HostTimer();
        return new Timer() {
            @Override
            public void begin(Stream stream) {
                timer.begin(((DelayingStream) stream).stream);
            }

            @Override
            public void end(Stream stream) {
                timer.end(((DelayingStream) stream).stream);
            }

            @Override
            public long elapsedNs() {
                return timer.elapsedNs();
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public Engine load(EngineSource source) {
        return new NumberEngine(source);
    }

    @Override
    public void close() {
        host.close();
    }

    private final class DelayingStream implements Stream {
        private final String name;
        private final HostStream stream;
        private final Random random;

        DelayingStream(String name, Random random) {
            this.name = name;
            this.stream = new HostStream(name, CopyEngines.free(), Tracer.NONE);
            this.random = random;
        }

        private void delay() {
            long nanos = random.nextLong(mostDelayNs);
            stream.enqueue("delay", () -> LockSupport.parkNanos(nanos));
        }

        @Override
        public void copyToDevice(
                Memory to, long toOffset, Memory from, long fromOffset, long bytes) {
            delay();
            stream.copyToDevice(to, toOffset, from, fromOffset, bytes);
        }

        @Override
        public void copyToHost(Memory to, long toOffset, Memory from, long fromOffset, long bytes) {
            delay();
            stream.copyToHost(to, toOffset, from, fromOffset, bytes);
        }

        @Override
        public void record(Event event) {
            delay();
            if (!eagerEvents) {
                stream.record(event);
            }
        }

        @Override
        public void synchronize() {
            stream.synchronize();
        }

        @Override
        public void close() {
            stream.close();
        }
    }

    private static final class EagerEvent implements Event {
        @Override
        public boolean isComplete() {
            return true;
        }

        @Override
        public void synchronize() {}

        @Override
        public void close() {}
    }

    private final class NumberEngine implements Engine {
        private final EngineSource source;

        NumberEngine(EngineSource source) {
            this.source = source;
        }

        @Override
        public EngineSource source() {
            return source;
        }

        @Override
        public Context createContext() {
            Map<String, Memory> bound = new HashMap<>();
            return new Context() {
                @Override
                public void bind(String tensor, Memory memory) {
                    bound.put(tensor, memory);
                }

                @Override
                public void enqueue(int batch, Stream stream) {
                    DelayingStream lane = (DelayingStream) stream;
                    batchesByLane
                            .computeIfAbsent(lane.name, ignored -> new AtomicInteger())
                            .incrementAndGet();
                    lane.delay();
                    lane.stream.enqueue("compute", () -> copyNumbers(batch));
                }

                private void copyNumbers(int batch) {
                    Memory in = bound.get(source.inputs().getFirst().name());
                    Memory out = bound.get(source.outputs().getFirst().name());
                    long inRow = source.inputs().getFirst().rowBytes();
                    long outRow = source.outputs().getFirst().rowBytes();
                    long first = in.segment().get(ValueLayout.JAVA_LONG, 0);
                    if (first == 0) {
                        zeroBatches.incrementAndGet();
                    }
                    for (int row = 0; row < batch; row++) {
                        long number = in.segment().get(ValueLayout.JAVA_LONG, row * inRow);
                        if (number != first + row) {
                            tornBatches.incrementAndGet();
                        }
                        out.segment().set(ValueLayout.JAVA_LONG, row * outRow, number);
                    }
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public void close() {}
    }
}
