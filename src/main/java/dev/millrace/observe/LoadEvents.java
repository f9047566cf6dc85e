package dev.millrace.observe;

import java.util.function.Supplier;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Percentage;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;

/**
 * Where the time goes, as events of the JDK's flight recorder: every second while somebody records,
 * otherwise nothing is done.
 */
public final class LoadEvents implements AutoCloseable {
    private final Supplier<Snapshot> worker;
    private final Runnable hook = this::emit;
    private Snapshot last;

    public LoadEvents(Supplier<Snapshot> worker) {
        this.worker = worker;
        this.last = worker.get();
        FlightRecorder.addPeriodicEvent(LoadEvent.class, hook);
    }

    private void emit() {
        Snapshot now = worker.get();
        Load load = Load.between(last, now);
        last = now;
        LoadEvent.of(load).commit();
        load.stages().forEach((name, stage) -> StageEvent.of(name, stage).commit());
        load.rings().forEach((task, ring) -> RingEvent.of(task, ring).commit());
    }

    @Override
    public void close() {
        FlightRecorder.removePeriodicEvent(hook);
    }

    @Name("millrace.Load")
    @Label("Load")
    @Category("Millrace")
    @Description("What limits the worker, and how fast it is")
    @Period("1 s")
    @StackTrace(false)
    static final class LoadEvent extends Event {
        @Label("Limited By")
        String limitedBy;

        @Label("In Words")
        String sentence;

        @Label("Images per Second")
        double imagesPerSecond;

        @Label("CPU Milliseconds per Image")
        double cpuMsPerImage;

        @Label("CPU")
        @Percentage
        double cpu;

        @Label("Mean Batch")
        double meanBatch;

        @Label("In Flight")
        int inFlight;

        @Label("Permits")
        int permits;

        static LoadEvent of(Load load) {
            LoadEvent event = new LoadEvent();
            event.limitedBy = load.limitedBy();
            event.sentence = load.limitSentence();
            event.imagesPerSecond = load.imagesPerSecond();
            event.cpuMsPerImage = load.cpuMsPerImage();
            event.cpu = load.cpuShare();
            event.meanBatch = load.meanBatch();
            event.inFlight = load.inFlight();
            event.permits = load.limit();
            return event;
        }
    }

    @Name("millrace.Stage")
    @Label("Stage")
    @Category("Millrace")
    @Description("How busy a stage was since the event before")
    @StackTrace(false)
    static final class StageEvent extends Event {
        @Label("Stage")
        String stage;

        @Label("Busy")
        @Description("Share of its threads' time, or of the device's; 0 for waiting")
        @Percentage
        double busy;

        @Label("Milliseconds per Image")
        double msPerImage;

        static StageEvent of(String name, Load.StageLoad load) {
            StageEvent event = new StageEvent();
            event.stage = name;
            event.busy = load.busy();
            event.msPerImage = load.msPerImage();
            return event;
        }
    }

    @Name("millrace.Ring")
    @Label("Ring")
    @Category("Millrace")
    @Description("How full the ring of a model is")
    @StackTrace(false)
    static final class RingEvent extends Event {
        @Label("Task")
        String task;

        @Label("Occupied")
        int occupied;

        @Label("Size")
        int size;

        static RingEvent of(String task, Snapshot.RingUse ring) {
            RingEvent event = new RingEvent();
            event.task = task;
            event.occupied = ring.occupied();
            event.size = ring.size();
            return event;
        }
    }
}
