package dev.millrace.bundle.plan;

import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.Sha256;
import dev.millrace.gpu.GpuInfo;
import java.nio.charset.StandardCharsets;

/**
 * What a plan has to be for.
 *
 * @param gpu that runs it, with its libraries
 * @param maxBatch images per batch that it must take
 */
public record PlanDemand(Bundle bundle, GpuInfo gpu, Precision precision, int maxBatch) {
    /** How to get such a plan. */
    String remedy() {
        return "build it: scripts/millrace engine build %s --precision %s --max-batch %s"
                .formatted(bundle.origin().folder(), precision.label(), maxBatch);
    }

    /** Equal for demands that one plan may serve, apart from the batch; fit for a path. */
    String key() {
        String content =
                bundle.origin().modelSha256()
                        + "\n"
                        + bundle.origin().preprocessing()
                        + "\nconversion "
                        + Fp16Graph.VERSION;
        return Sha256.hex(content.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
    }

    /** What of the machine a plan is bound to; fit for a file name. */
    String platform() {
        return gpu.architecture() + "-trt" + gpu.tensorRt();
    }
}
