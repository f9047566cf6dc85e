package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;

/**
 * The environment in which a process finds a GPU: stand-ins of the driver, NVML, the CUDA runtime
 * and TensorRT, of which the last computes with ONNX Runtime. {@code FAKE_CUDA} and {@code
 * FAKE_TENSORRT} tell them what goes wrong; {@code native/README.md} has their keys.
 */
public final class GpuStandIn {
    private static final String RUNTIME = "/ai/onnxruntime/native/linux-x64/libonnxruntime.so";

    private GpuStandIn() {}

    /** The folder of the stand-ins; skips the test, with the reason, where they were not built. */
    public static Path libraries() {
        Path folder =
                Path.of(System.getProperty("millrace.fakes", "target/native"), "tensorrt")
                        .toAbsolutePath();
        boolean there = Files.exists(folder.resolve("libnvinfer.so.10"));
        String reason = folder + " was not built (no C++ compiler)";
        if (!there) {
            System.out.println("skipped: " + reason);
        }
        assumeTrue(there, reason);
        return folder;
    }

    /**
     * What a child process needs in its environment.
     *
     * @param cuda as {@code FAKE_CUDA} has it, may be empty
     * @param tensorRt as {@code FAKE_TENSORRT} has it, without {@code onnxruntime}, may be empty
     */
    public static Map<String, String> environment(String cuda, String tensorRt) throws IOException {
        Map<String, String> environment = new TreeMap<>();
        environment.put(Libraries.VARIABLE, libraries().toString());
        environment.put("FAKE_CUDA", cuda);
        environment.put("FAKE_TENSORRT", tensorRt + ";onnxruntime=" + onnxRuntime());
        return environment;
    }

    /** ONNX Runtime's library, unpacked beside the stand-ins by the first that asks. */
    private static Path onnxRuntime() throws IOException {
        Path file = libraries().resolveSibling("onnxruntime").resolve("libonnxruntime.so");
        if (!Files.exists(file)) {
            Files.createDirectories(file.getParent());
            Path part = Files.createTempFile(file.getParent(), "libonnxruntime", ".part");
            try (InputStream packed = OrtEnvironment.class.getResourceAsStream(RUNTIME)) {
                Files.copy(packed, part, StandardCopyOption.REPLACE_EXISTING);
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        }
        return file;
    }
}
