package dev.millrace.testing;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.Event;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;
import dev.millrace.gpu.Timer;
import dev.millrace.job.NativeGuard;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/**
 * A device that knows what was made of it and not closed, and fails the n-th thing that it is asked
 * for: memory, a stream, an event, a timer, an engine, a context, a tensor's place, the first batch
 * of a context. The guards of preprocess threads count among them. What it makes is another
 * device's.
 */
public final class FailingDevice implements Device {
    private final Device device;
    private final Collection<Object> open = new ConcurrentLinkedQueue<>();
    private int asked;
    private int failAt;
    private Supplier<? extends Throwable> failure;

    public FailingDevice(Device device) {
        this.device = device;
    }

    /** From now on the {@code n}-th thing that is asked for, counted from 1, fails; 0 for none. */
    public synchronized void failAt(int n, Supplier<? extends Throwable> why) {
        asked = 0;
        failAt = n;
        failure = why;
    }

    /** How often something was asked for since {@link #failAt}. */
    public synchronized int asked() {
        return asked;
    }

    /** The kinds of what is open now, sorted. */
    public List<String> open() {
        return open.stream().map(thing -> thing.getClass().getSimpleName()).sorted().toList();
    }

    private synchronized void ask() {
        if (++asked == failAt) {
            throwAny(failure.get());
        }
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void throwAny(Throwable why) throws E {
        throw (E) why;
    }

    private <T> T opened(T thing) {
        open.add(thing);
        return thing;
    }

    private void closed(Object thing) {
        if (!open.remove(thing)) {
            throw new IllegalStateException(thing.getClass().getSimpleName() + " closed twice");
        }
    }

    /** For a preprocess thread. */
    public NativeGuard guard() {
        ask();
        return opened(new Guard());
    }

    @Override
    public String description() {
        return device.description();
    }

    @Override
    public boolean computes() {
        return device.computes();
    }

    @Override
    public Memory allocateHost(long bytes) {
        ask();
        return opened(new Block(device.allocateHost(bytes)));
    }

    @Override
    public Memory allocateDevice(long bytes) {
        ask();
        return opened(new Block(device.allocateDevice(bytes)));
    }

    @Override
    public Stream createStream(String name) {
        ask();
        return opened(new Line(device.createStream(name)));
    }

    @Override
    public Event createEvent() {
        ask();
        return opened(new Mark(device.createEvent()));
    }

    @Override
    public Timer createTimer() {
        ask();
        return opened(new Clock(device.createTimer()));
    }

    @Override
    public Engine load(EngineSource source) {
        ask();
        return opened(new Model(device.load(source)));
    }

    @Override
    public void close() {
        device.close();
    }

    private final class Guard implements NativeGuard {
        @Override
        public void enter(String messageId) {
            // Nothing crashes here.
        }

        @Override
        public void leave() {
            // Nothing crashed.
        }

        @Override
        public void close() {
            closed(this);
        }
    }

    private final class Block implements Memory {
        private final Memory memory;

        Block(Memory memory) {
            this.memory = memory;
        }

        @Override
        public long bytes() {
            return memory.bytes();
        }

        @Override
        public MemorySegment segment() {
            return memory.segment();
        }

        @Override
        public void close() {
            memory.close();
            closed(this);
        }
    }

    private final class Mark implements Event {
        private final Event event;

        Mark(Event event) {
            this.event = event;
        }

        @Override
        public boolean isComplete() {
            return event.isComplete();
        }

        @Override
        public void synchronize() {
            event.synchronize();
        }

        @Override
        public void close() {
            event.close();
            closed(this);
        }
    }

    private final class Clock implements Timer {
        private final Timer timer;

        Clock(Timer timer) {
            this.timer = timer;
        }

        @Override
        public void begin(Stream stream) {
            timer.begin(((Line) stream).stream);
        }

        @Override
        public void end(Stream stream) {
            timer.end(((Line) stream).stream);
        }

        @Override
        public long elapsedNs() {
            return timer.elapsedNs();
        }

        @Override
        public void close() {
            timer.close();
            closed(this);
        }
    }

    private final class Line implements Stream {
        private final Stream stream;

        Line(Stream stream) {
            this.stream = stream;
        }

        @Override
        public void copyToDevice(
                Memory to, long toOffset, Memory from, long fromOffset, long bytes) {
            stream.copyToDevice(inner(to), toOffset, inner(from), fromOffset, bytes);
        }

        @Override
        public void copyToHost(Memory to, long toOffset, Memory from, long fromOffset, long bytes) {
            stream.copyToHost(inner(to), toOffset, inner(from), fromOffset, bytes);
        }

        @Override
        public void record(Event event) {
            stream.record(((Mark) event).event);
        }

        @Override
        public void synchronize() {
            stream.synchronize();
        }

        @Override
        public void close() {
            stream.close();
            closed(this);
        }
    }

    private static Memory inner(Memory block) {
        return ((Block) block).memory;
    }

    private final class Model implements Engine {
        private final Engine engine;
        private final Collection<Context> contexts = new ArrayList<>();

        Model(Engine engine) {
            this.engine = engine;
        }

        @Override
        public EngineSource source() {
            return engine.source();
        }

        @Override
        public Context createContext() {
            ask();
            Context context = opened(new Run(this, engine.createContext()));
            contexts.add(context);
            return context;
        }

        @Override
        public void close() {
            if (!contexts.isEmpty()) {
                throw new IllegalStateException("an engine is closed before its contexts");
            }
            engine.close();
            closed(this);
        }
    }

    private final class Run implements Engine.Context {
        private final Model model;
        private final Engine.Context context;
        private boolean warm;

        Run(Model model, Engine.Context context) {
            this.model = model;
            this.context = context;
        }

        @Override
        public void bind(String tensor, Memory memory) {
            ask();
            context.bind(tensor, inner(memory));
        }

        @Override
        public void enqueue(int batch, Stream stream) {
            if (!warm) {
                ask();
                warm = true;
            }
            context.enqueue(batch, ((Line) stream).stream);
        }

        @Override
        public void close() {
            context.close();
            model.contexts.remove(this);
            closed(this);
        }
    }
}
