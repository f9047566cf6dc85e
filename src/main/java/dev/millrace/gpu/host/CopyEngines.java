package dev.millrace.gpu.host;

/** The two copy engines of a simulated device; those of the computing host cost nothing extra. */
record CopyEngines(SimulatedUnit inEngine, long inNs, SimulatedUnit outEngine, long outNs) {
    static CopyEngines of(SimulatedCost cost) {
        return new CopyEngines(
                new SimulatedUnit(),
                Math.round(cost.copyInMs() * 1e6),
                new SimulatedUnit(),
                Math.round(cost.copyOutMs() * 1e6));
    }

    static CopyEngines free() {
        return new CopyEngines(new SimulatedUnit(), 0, new SimulatedUnit(), 0);
    }

    void in(HostStream stream) {
        occupy(stream, inEngine, inNs);
    }

    void out(HostStream stream) {
        occupy(stream, outEngine, outNs);
    }

    private static void occupy(HostStream stream, SimulatedUnit engine, long nanos) {
        if (nanos > 0) {
            stream.occupy(engine, nanos);
        }
    }
}
