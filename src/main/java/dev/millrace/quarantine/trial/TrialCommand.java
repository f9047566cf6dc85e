package dev.millrace.quarantine.trial;

import dev.millrace.config.WorkerConfig;
import dev.millrace.nativelib.NativeFolder;
import dev.millrace.resource.JvmCommand;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Starts {@link ImageTrial} with little memory, first in line for the kernel's killer, without core
 * dumps and without the worker's secrets.
 */
public final class TrialCommand implements Supplier<ProcessBuilder> {
    /** What a JVM reserves of addresses beside its heap, mapped libraries included. */
    private static final long JVM_BYTES = 1536L << 20;

    private static final long MIN_HEAP_BYTES = 64L << 20;

    /** The body, the frame that it comes in, and the copy that a gate may make. */
    private static final int BODIES_IN_HEAP = 3;

    /**
     * Where the process writes its answers, so that what libraries print does not mix with them.
     */
    static final String ANSWERS = "/dev/fd/3";

    /** {@code $0} is the limit in KiB. Where one of the three is not to be had, it goes on. */
    private static final String LIMITED =
            "{ echo 900 > /proc/self/oom_score_adj; ulimit -c 0; ulimit -v \"$0\"; } 2>/dev/null;"
                    + " exec \"$@\" 3>&1 1>&2";

    private final WorkerConfig config;
    private final Path errorFile;

    /**
     * @param folder for the report of the last crash
     */
    public TrialCommand(WorkerConfig config, Path folder) {
        this.config = config;
        this.errorFile = folder.resolve("hs_err_quarantine.log");
    }

    @Override
    public ProcessBuilder get() {
        long heap = MIN_HEAP_BYTES + BODIES_IN_HEAP * (long) config.fetch().limits().maxBytes();
        long addresses = heap + JVM_BYTES + config.quarantine().memoryBytes();
        List<String> command = new ArrayList<>(List.of("sh", "-c", LIMITED));
        command.add(Long.toString(addresses >> 10));
        command.addAll(
                JvmCommand.of(
                        List.of(
                                "-Xmx" + (heap >> 10) + "k",
                                // It gets no variables.
                                "-D" + NativeFolder.PROPERTY + "=" + NativeFolder.get(),
                                "-XX:MaxDirectMemorySize=64m",
                                "-XX:CompressedClassSpaceSize=64m",
                                "-XX:ReservedCodeCacheSize=64m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                // One file, since strangers decide how often it is written.
                                "-XX:ErrorFile=" + errorFile),
                        ImageTrial.class.getName(),
                        arguments()));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment()
                .keySet()
                .removeIf(
                        name ->
                                name.startsWith("AWS_")
                                        || name.startsWith("MILLRACE_")
                                        || name.startsWith("OTEL_"));
        builder.environment().put("OPENBLAS_NUM_THREADS", "1");
        return builder;
    }

    private List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        arguments.add(Long.toString(config.quarantine().limit().toMillis()));
        for (WorkerConfig.Model model : config.models()) {
            arguments.add(model.task());
            arguments.add(model.bundle().toString());
        }
        return arguments;
    }
}
