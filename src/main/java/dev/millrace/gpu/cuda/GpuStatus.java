package dev.millrace.gpu.cuda;

import dev.millrace.gpu.GpuInfo;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Whether models can run on a GPU of this machine. */
public sealed interface GpuStatus {
    /**
     * They can, on any of these.
     *
     * @param refused why others cannot be used, one line each, by their number
     */
    record Present(List<GpuInfo> gpus, SortedMap<Integer, String> refused) implements GpuStatus {
        public Present {
            gpus = List.copyOf(gpus);
            refused = Collections.unmodifiableSortedMap(new TreeMap<>(refused));
        }
    }

    /**
     * There is no NVIDIA hardware for them.
     *
     * @param reason what is missing and what to do, one line
     * @param notable whether an operator may have meant otherwise
     */
    record Absent(String reason, boolean notable) implements GpuStatus {}

    /**
     * There is NVIDIA hardware, and it cannot be used.
     *
     * @param reason what is wrong and what to do, one line
     */
    record Unusable(String reason) implements GpuStatus {}
}
