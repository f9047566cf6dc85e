package dev.millrace.gpu.host;

import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;

/** An engine that only takes time. Its outputs are the zeros that device memory starts with. */
record SimulatedEngine(EngineSource source, SimulatedCost cost, SimulatedUnit unit)
        implements Engine {
    @Override
    public Context createContext() {
        return new Context() {
            @Override
            public void bind(String tensor, Memory memory) {
                // Nothing is read or written.
            }

            @Override
            public void enqueue(int batch, Stream stream) {
                HostStream lane = (HostStream) stream;
                lane.enqueue("compute " + batch, () -> lane.occupy(unit, cost.nanos(batch)));
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void close() {}
}
