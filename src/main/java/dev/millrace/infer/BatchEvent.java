package dev.millrace.infer;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** One batch, once the device has finished with it. */
@Name("millrace.Batch")
@Label("Batch")
@Category("Millrace")
@Description("A batch that the device has finished")
@StackTrace(false)
final class BatchEvent extends Event {
    @Label("Model")
    String model;

    @Label("Rows")
    int rows;

    @Label("In Flight")
    @Description("From its submission to its end, copies included")
    @Timespan(Timespan.NANOSECONDS)
    long inFlight;

    /** Costs nothing that can be measured while nobody records. */
    static void record(String model, int rows, long inFlightNs) {
        BatchEvent event = new BatchEvent();
        if (event.shouldCommit()) {
            event.model = model;
            event.rows = rows;
            event.inFlight = inFlightNs;
            event.commit();
        }
    }
}
