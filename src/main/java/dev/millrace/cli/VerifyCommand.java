package dev.millrace.cli;

import dev.millrace.bundle.Bundle;
import dev.millrace.gpu.Device;
import dev.millrace.verify.Agreement;
import dev.millrace.verify.ImageFiles;
import dev.millrace.verify.Verification;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Compares a plan with the model in single precision on the CPU. */
@Command(
        name = "verify",
        description = "Compare a plan with ONNX Runtime in FP32 on photos.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:the results agree",
            "1:the results do not agree, or the device failed",
            "2:a mistake in the options or the bundle, no plan that fits, or no GPU"
        })
final class VerifyCommand implements Callable<Integer> {
    private static final String WITHOUT_GPU =
            "without one, --device host compares the plan's graph on the CPU";

    @Mixin private BundleOptions options = new BundleOptions();

    @Option(
            names = "--device",
            paramLabel = "cuda|host",
            defaultValue = "cuda",
            description =
                    "Device that the plan runs on; host runs the plan's graph on the CPU, rounded"
                            + " as the plan would (default: ${DEFAULT-VALUE}).")
    private String device;

    @Option(
            names = "--photos",
            paramLabel = "DIR",
            description =
                    "Folder of images to compare on (default: photos in the bundle, else the photos"
                            + " of the demo).")
    private Optional<Path> photos = Optional.empty();

    @ParentCommand private EngineCommand parent;
    @Spec private CommandSpec commandSpec;

    @Override
    public Integer call() {
        Bundle bundle = options.load();
        int batch = options.maxBatch(bundle);
        Verification.Side candidate =
                options.side(bundle, device, parent.gpu(), batch, WITHOUT_GPU);
        PrintWriter out = commandSpec.commandLine().getOut();
        try (Device found = candidate.device();
                Device host = BundleOptions.host()) {
            Agreement.Report report =
                    Verification.compare(
                            bundle,
                            new Verification.Side(host, bundle.source(batch)),
                            candidate,
                            ImageFiles.of(photos, options.folder()),
                            photo -> {});
            out.printf(
                    "%s in %s on %s against ONNX Runtime in fp32%n",
                    options.name(), options.precision().label(), found.description());
            report.lines().forEach(out::println);
            out.println(report.passed() ? "they agree" : "they do not agree");
            out.flush();
            return report.passed() ? 0 : Millrace.FAILED;
        }
    }
}
