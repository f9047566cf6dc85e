package dev.millrace.lab.engine;

import dev.millrace.cli.EngineCommand;
import dev.millrace.cli.GpuOption;
import dev.millrace.cli.Millrace;
import dev.millrace.gpu.Stream;
import dev.millrace.gpu.cuda.CudaDevice;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Loses the GPU to this process, as a broken kernel does, and shows what a user reads then. */
@Command(
        name = "fault",
        description =
                "Write to an address of the GPU that belongs to nobody, and end with the error"
                        + " that CUDA reports.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "1:the GPU was lost, as it should be, or the kernel made no error",
            "2:a mistake in the options, or no GPU"
        })
public final class FaultCommand implements Callable<Integer> {
    /** Not null, which a debugger might explain, and never allocated. */
    private static final long NOBODYS = 0x10;

    /** What has to come back. */
    private static final long HELD_BYTES = 256 << 20;

    @Mixin private GpuOption gpu;
    @ParentCommand private EngineCommand parent;
    @Spec private CommandSpec commandSpec;

    @Override
    public Integer call() {
        // Nothing is closed: that would only fail, and the driver takes all back from a process
        // that
        // ends.
        CudaDevice device =
                gpu.cuda(parent.gpu(), "fault loses an NVIDIA GPU and does nothing without one");
        device.allocateDevice(HELD_BYTES);
        Stream stream = device.createStream("fault");
        SpinEngine.kernels(device).once("fault", NOBODYS).launch(stream);
        stream.synchronize();
        PrintWriter err = commandSpec.commandLine().getErr();
        err.println(
                "millrace: the kernel wrote to an address that belongs to nobody, and CUDA"
                        + " reported no error");
        return Millrace.FAILED;
    }
}
