package dev.millrace.lab.engine;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.Event;
import dev.millrace.infer.Lane;
import dev.millrace.job.Rows;
import dev.millrace.resource.Resources;
import java.util.ArrayList;
import java.util.List;

/**
 * How the copies and the computing of several batches in flight are given to streams. Used by one
 * thread, which sends each place's next batch when the one before it is done.
 */
interface Arrangement extends AutoCloseable {
    /** How many batches are in flight. */
    int places();

    /** Sends a place's batch: copy in, compute, copy out. */
    void submit(int place);

    /** Completes with what the place was given last. */
    Event done(int place);

    @Override
    void close();

    /** As the worker does it: a stream of its own for each batch in flight. */
    static Arrangement lanes(int count, Device device, Engine engine, Rows rows, int batch) {
        Resources resources = new Resources();
        List<Lane> lanes = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                lanes.add(resources.own(new Lane("streams-" + i, device, engine, rows)));
            }
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
        return new Arrangement() {
            @Override
            public int places() {
                return count;
            }

            @Override
            public void submit(int place) {
                lanes.get(place).submit(place * batch, batch);
            }

            @Override
            public Event done(int place) {
                return lanes.get(place).done();
            }

            @Override
            public void close() {
                resources.close();
            }
        };
    }
}
