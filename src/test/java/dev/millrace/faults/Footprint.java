package dev.millrace.faults;

import dev.millrace.testing.Jcmd;
import dev.millrace.testing.ProcessStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What a process holds, sampled over time. */
final class Footprint {
    /** Minutes that a slope is for. */
    private static final double PER = 30;

    private static final double MIB = 1048576;
    private static final int PAUSE_MS = 2000;

    /** In samples: asking for the native heap starts a JVM. */
    private static final int NATIVE_EACH = 5;

    private final long pid;
    private final List<Double> minutes = new ArrayList<>();
    private final List<Double> resident = new ArrayList<>();
    private final List<Double> handles = new ArrayList<>();
    private final List<Double> threads = new ArrayList<>();
    private final List<Double> nativeMinutes = new ArrayList<>();
    private final List<Double> nativeHeap = new ArrayList<>();
    private double peakBefore;
    private double peak;

    Footprint(long pid) {
        this.pid = pid;
    }

    /** Samples for so long. */
    void watch(Duration time) throws IOException, InterruptedException {
        peakBefore = ProcessStatus.peak(pid) / MIB;
        long startNs = System.nanoTime();
        double now = 0;
        while (now < time.toSeconds() / 60.0) {
            if (minutes.size() % NATIVE_EACH == 0) {
                nativeMinutes.add(now);
                nativeHeap.add(Jcmd.nativeHeap(pid) / MIB);
            }
            minutes.add(now);
            resident.add(ProcessStatus.resident(pid) / MIB);
            handles.add((double) ProcessStatus.handles(pid));
            threads.add((double) ProcessStatus.threads(pid));
            Thread.sleep(PAUSE_MS);
            now = (System.nanoTime() - startNs) / 60e9;
        }
        peak = ProcessStatus.peak(pid) / MIB;
    }

    /**
     * Of the resident memory, MiB in 30 minutes. It falls each minute, when the worker gives back
     * what it has freed, and rises until the next; the means of whole minutes know nothing of that.
     */
    double residentSlope() {
        int whole = (int) Math.round(minutes.getLast());
        double[] times = IntStream.range(0, whole).asDoubleStream().toArray();
        return PER
                * Trend.slope(times, IntStream.range(0, whole).mapToDouble(this::mean).toArray());
    }

    private double mean(int minute) {
        return IntStream.range(0, minutes.size())
                .filter(sample -> minutes.get(sample).intValue() == minute)
                .mapToDouble(resident::get)
                .average()
                .orElseThrow();
    }

    /** Of what native code has allocated and not freed, MiB in 30 minutes. */
    double nativeSlope() {
        return PER * Trend.slope(array(nativeMinutes), array(nativeHeap));
    }

    /** How many more in the last third than in the first. */
    double moreHandles() {
        return Trend.rise(array(handles));
    }

    /** Likewise. */
    double moreThreads() {
        return Trend.rise(array(threads));
    }

    String line() {
        return "RSS %.0f MiB, %+.1f MiB in 30 min, its peak %.0f MiB, %+.1f MiB since the warm-up; native heap %.0f MiB, %+.1f MiB in 30 min; %+.0f handles, %+.0f threads"
                .formatted(
                        resident.getLast(),
                        residentSlope(),
                        peak,
                        peak - peakBefore,
                        nativeHeap.getLast(),
                        nativeSlope(),
                        moreHandles(),
                        moreThreads());
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(value -> value).toArray();
    }
}
