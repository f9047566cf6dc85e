package dev.millrace.gpu.build;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.PlanCompiler;
import dev.millrace.gpu.cuda.TensorRtCompiler;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The process that builds one plan, told what by its arguments. It answers line by line on a pipe
 * of its own, logs to standard error, and ends when its standard input does: with the process that
 * started it, however that ended.
 */
final class BuildMain {
    /** Whatever libraries print on standard output does not mix with the answers. */
    static final String ANSWERS = "/dev/fd/3";

    private BuildMain() {}

    public static void main(String[] arguments) throws IOException {
        Thread.ofPlatform().daemon().name("parent").start(BuildMain::endWithTheParent);
        int code = 0;
        try (PrintStream answers =
                new PrintStream(new FileOutputStream(ANSWERS), true, StandardCharsets.UTF_8)) {
            try {
                build(BuildOrder.of(arguments), answers);
                answers.println(BuilderProcess.DONE);
            } catch (DeviceException e) {
                answers.println(BuilderProcess.failed(e.getMessage()));
                code = 1;
            } catch (RuntimeException | Error e) {
                answers.println(BuilderProcess.failed(e.toString()));
                code = 1;
            }
        }
        // Threads of libraries may be left, and nothing is to be saved.
        Runtime.getRuntime().halt(code);
    }

    private static void build(BuildOrder order, PrintStream answers) {
        try (PlanCompiler compiler = TensorRtCompiler.open(order.gpu(), order.libraryFolder())) {
            compiler.build(
                    order.onnx(),
                    order.options(),
                    order.plan(),
                    (phase, done) -> answers.println(BuilderProcess.progress(phase, done)));
        }
    }

    private static void endWithTheParent() {
        try {
            while (System.in.read() >= 0) {
                // Nothing is said there.
            }
        } catch (IOException e) {
            // As good as an end.
        }
        Runtime.getRuntime().halt(1);
    }
}
