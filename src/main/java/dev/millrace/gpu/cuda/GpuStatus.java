package dev.millrace.gpu.cuda;

import dev.millrace.gpu.GpuInfo;
import java.util.List;

/** Whether models can run on a GPU of this machine. */
public sealed interface GpuStatus {
    /** They can, on any of these. */
    record Present(List<GpuInfo> gpus) implements GpuStatus {
        public Present {
            gpus = List.copyOf(gpus);
        }
    }

    /**
     * They cannot.
     *
     * @param reason what is missing and what to do, one line
     */
    record Absent(String reason) implements GpuStatus {}
}
