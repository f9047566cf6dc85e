package dev.millrace.lab.engine;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.Event;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;
import dev.millrace.job.Rows;
import dev.millrace.resource.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * One stream that computes and one for each direction of copies, as Triton and trtexec have them:
 * events lead a batch from one to the next, so that batches compute one after another and none is
 * slowed by the one behind it. Owns all it holds, the rows excepted.
 */
final class ThreeStreams implements Arrangement {
    private final Resources resources = new Resources();
    private final BiConsumer<Stream, Event> await;
    private final Rows rows;
    private final int batch;
    private final List<Place> places = new ArrayList<>();
    private final Stream in;
    private final Stream computing;
    private final Stream out;

    /** The device's side of one batch in flight, and how far it has come. */
    private record Place(
            Memory input,
            List<Memory> outputs,
            Engine.Context context,
            Event copied,
            Event computed,
            Event done) {}

    /**
     * @param await lets what a stream is given from then on wait for an event
     */
    ThreeStreams(
            int count,
            Device device,
            Engine engine,
            Rows rows,
            int batch,
            BiConsumer<Stream, Event> await) {
        this.await = await;
        this.rows = rows;
        this.batch = batch;
        // The streams last, since they are closed first: until their work is done, that uses the
        // rest.
        try {
            for (int i = 0; i < count; i++) {
                places.add(place(device, engine));
            }
            this.in = resources.own(device.createStream("copies-in"));
            this.computing = resources.own(device.createStream("computing"));
            this.out = resources.own(device.createStream("copies-out"));
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    private Place place(Device device, Engine engine) {
        Memory input = allocate(device, rows.input());
        List<Memory> outputs =
                rows.outputs().stream().map(output -> allocate(device, output)).toList();
        Engine.Context context = resources.own(engine.createContext());
        context.bind(rows.input().spec().name(), input);
        for (int i = 0; i < outputs.size(); i++) {
            context.bind(rows.outputs().get(i).spec().name(), outputs.get(i));
        }
        return new Place(
                input,
                outputs,
                context,
                resources.own(device.createEvent()),
                resources.own(device.createEvent()),
                resources.own(device.createEvent()));
    }

    private Memory allocate(Device device, Rows.Arena arena) {
        return resources.own(device.allocateDevice(batch * arena.spec().rowBytes()));
    }

    @Override
    public int places() {
        return places.size();
    }

    @Override
    public void submit(int number) {
        Place place = places.get(number);
        int row = number * batch;
        long bytes = batch * rows.input().spec().rowBytes();
        long from = row * rows.input().spec().rowBytes();
        in.copyToDevice(place.input(), 0, rows.input().memory(), from, bytes);
        in.record(place.copied());
        await.accept(computing, place.copied());
        place.context().enqueue(batch, computing);
        computing.record(place.computed());
        await.accept(out, place.computed());
        for (int i = 0; i < place.outputs().size(); i++) {
            Rows.Arena arena = rows.outputs().get(i);
            long rowBytes = arena.spec().rowBytes();
            Memory output = place.outputs().get(i);
            out.copyToHost(arena.memory(), row * rowBytes, output, 0, batch * rowBytes);
        }
        out.record(place.done());
    }

    @Override
    public Event done(int place) {
        return places.get(place).done();
    }

    @Override
    public void close() {
        resources.close();
    }
}
