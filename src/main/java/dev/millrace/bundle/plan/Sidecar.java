package dev.millrace.bundle.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.bundle.Sha256;
import dev.millrace.gpu.PlanCompiler.OptimizationProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * What a plan was built from and for, in a file beside it: {@code model.plan.json}. TensorRT has no
 * way to ask whether a plan fits before it loads it; {@link PlanMatch} asks this instead.
 *
 * @param format of this file
 * @param tensorRt the full version
 * @param architecture such as {@code sm_75}
 * @param gpu the name of the one that the plan was tuned on
 * @param precision as options write it
 * @param conversion version of the way to FP16
 * @param onnxSha256 of the user's {@code model.onnx}
 * @param preprocessing what was grafted onto it
 * @param builderResource the library whose kernels it was built from, as the compiler names it
 * @param planSha256 of the plan
 * @param builtAt in ISO 8601
 */
record Sidecar(
        int format,
        String tensorRt,
        String cuda,
        String architecture,
        String gpu,
        List<OptimizationProfile> profiles,
        String precision,
        int conversion,
        String onnxSha256,
        String preprocessing,
        String builderResource,
        String planSha256,
        String builtAt) {
    static final int FORMAT = 2;

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                    .build();

    /** A file cannot be read as a sidecar; the message says why in a few words. */
    static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1L;

        private UnreadableException(String message) {
            super(message);
        }
    }

    static Path beside(Path plan) {
        return plan.resolveSibling(plan.getFileName() + ".json");
    }

    /** For a plan that was just built. */
    static Sidecar of(
            PlanDemand demand, OptimizationProfile profile, String builderResource, Path plan)
            throws IOException {
        return new Sidecar(
                FORMAT,
                demand.gpu().tensorRt(),
                demand.gpu().cuda(),
                demand.gpu().architecture(),
                demand.gpu().name(),
                List.of(profile),
                demand.precision().label(),
                Fp16Graph.VERSION,
                demand.bundle().origin().modelSha256(),
                demand.bundle().origin().preprocessing(),
                builderResource,
                Sha256.hex(plan),
                Instant.now().toString());
    }

    byte[] json() {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new AssertionError("strings and numbers are always JSON", e);
        }
    }

    static Sidecar read(Path file) throws UnreadableException {
        try {
            byte[] json = Files.readAllBytes(file);
            int format = JSON.readTree(json).path("format").asInt();
            if (format != FORMAT) {
                throw new UnreadableException(
                        "its format is " + format + " and this version reads " + FORMAT);
            }
            return JSON.readValue(json, Sidecar.class);
        } catch (NoSuchFileException e) {
            throw new UnreadableException("it is missing");
        } catch (JsonProcessingException e) {
            throw new UnreadableException(e.getOriginalMessage().lines().findFirst().orElse(""));
        } catch (IOException e) {
            throw new UnreadableException("it cannot be read (" + e + ")");
        }
    }
}
