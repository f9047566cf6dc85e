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
        new LoadEvent(load).commit();
        load.stages().forEach((name, stage) -> new StageEvent(name, stage).commit());
        load.rings().forEach((task, ring) -> new RingEvent(task, ring).commit());
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

        LoadEvent(Load load) {
            limitedBy = load.limitedBy();
            sentence = load.limitSentence();
            imagesPerSecond = load.imagesPerSecond();
            cpuMsPerImage = load.cpuMsPerImage();
            cpu = load.cpuShare();
            meanBatch = load.meanBatch();
            inFlight = load.inFlight();
            permits = load.limit();
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

        StageEvent(String stage, Load.StageLoad load) {
            this.stage = stage;
            busy = load.busy();
            msPerImage = load.msPerImage();
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

        RingEvent(String task, Snapshot.RingUse ring) {
            this.task = task;
            occupied = ring.occupied();
            size = ring.size();
        }
    }
}
