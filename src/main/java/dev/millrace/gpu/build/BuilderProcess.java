package dev.millrace.gpu.build;

import dev.millrace.gpu.DeviceException;
import dev.millrace.resource.JvmCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The starter's end of a process that builds a plan. Its answers and its log are read by two
 * threads ({@code build-answers}, {@code build-log}), and who started it waits. Owns the process.
 */
final class BuilderProcess implements AutoCloseable {
    static final String DONE = "done";

    private static final String PROGRESS = "progress\t";
    private static final String FAILED = "failed\t";

    /** Its end, and what it said last, after it was told to end or has ended. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);

    private static final int SIGNALLED = 128;
    private static final int KILLED = 9;

    /**
     * First in line for the kernel's killer, since a build can be tried again. Answers go where the
     * standard output was, and what is printed there to the log.
     */
    private static final String SHELL =
            "{ echo 900 > /proc/self/oom_score_adj; } 2>/dev/null; exec \"$@\" 3>&1 1>&2";

    private final Process process;
    private final BiConsumer<String, Double> progress;
    private final Thread answers;
    private final Thread log;
    // Of the thread that reads the answers, whose end makes them visible.
    private String failure = "";
    private boolean done;

    private BuilderProcess(Process process, BiConsumer<String, Double> progress) {
        this.process = process;
        this.progress = progress;
        this.answers = reader("build-answers", process.getInputStream(), this::answer);
        this.log = reader("build-log", process.getErrorStream(), BuilderProcess::forward);
    }

    /** A small JVM, since what is large in a build is native. */
    static List<String> command(BuildOrder order) {
        return JvmCommand.of(
                List.of(
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:ErrorFile=" + report("%p")),
                BuildMain.class.getName(),
                order.arguments());
    }

    /** Where the JVM writes of its crash, as it does for a worker without a supervisor. */
    private static Path report(String pid) {
        return Path.of(System.getProperty("java.io.tmpdir"), "millrace_hs_err_" + pid + ".log");
    }

    static BuilderProcess start(List<String> command, BiConsumer<String, Double> progress)
            throws IOException {
        List<String> all = new ArrayList<>(List.of("sh", "-c", SHELL, "sh"));
        all.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(all);
        builder.environment()
                .keySet()
                .removeIf(
                        name ->
                                name.startsWith("AWS_")
                                        || name.startsWith("MILLRACE_CALLBACK")
                                        || name.startsWith("OTEL_"));
        return new BuilderProcess(builder.start(), progress);
    }

    static String progress(String phase, double done) {
        return PROGRESS + done + "\t" + phase;
    }

    static String failed(String why) {
        return FAILED + String.valueOf(why).strip().replaceAll("\\s*\\R\\s*", " ");
    }

    private static Thread reader(String name, InputStream in, Consumer<String> line) {
        return Thread.ofPlatform()
                .daemon()
                .name(name)
                .start(
                        () -> {
                            try (BufferedReader lines =
                                    new BufferedReader(
                                            new InputStreamReader(in, StandardCharsets.UTF_8))) {
                                lines.lines().forEach(line);
                            } catch (IOException | RuntimeException e) {
                                // The process is being ended.
                            }
                        });
    }

    private void answer(String line) {
        if (line.startsWith(PROGRESS)) {
            String[] parts = line.split("\t", 3);
            progress.accept(parts[2], Double.parseDouble(parts[1]));
        } else if (line.startsWith(FAILED)) {
            failure = line.substring(FAILED.length());
        } else if (line.equals(DONE)) {
            done = true;
        }
    }

    /** Its log is ours, without what a JVM says of its crash: that is in the report. */
    private static void forward(String line) {
        if (!line.startsWith("#") && !line.isBlank()) {
            System.err.println(line);
        }
    }

    /** Returns when the plan is built. Throws {@link DeviceException}, one line, when it is not. */
    void await(Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new DeviceException(
                        ("the plan was not built within %s and its builder was ended; give it more"
                                        + " time: engine.buildTimeout, or engine build --timeout")
                                .formatted(words(limit)));
            }
            answers.join(LAST_WORDS);
            log.join(LAST_WORDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DeviceException("the build of the plan was interrupted", e);
        }
        if (!failure.isEmpty()) {
            throw new DeviceException(failure);
        }
        if (!done || process.exitValue() != 0) {
            throw new DeviceException(crash(process.exitValue()));
        }
    }

    private static String words(Duration limit) {
        return limit.toSeconds() % 60 == 0 ? limit.toMinutes() + " min" : limit.toSeconds() + " s";
    }

    private String crash(int code) {
        Path report = report(Long.toString(process.pid()));
        String what =
                code == SIGNALLED + KILLED
                        ? " (killed, as the kernel does when memory runs out)"
                        : code > SIGNALLED ? " (signal " + (code - SIGNALLED) + ")" : "";
        String more = Files.exists(report) ? "; its report is " + report : "";
        return "TensorRT ended the process that was building the plan, exit code "
                + code
                + what
                + more;
    }

    /** Ends it, whatever it does. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            // It was told, and nothing here depends on its end.
            Thread.currentThread().interrupt();
        }
    }
}
