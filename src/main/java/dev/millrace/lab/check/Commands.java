package dev.millrace.lab.check;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs the commands of the check one after another, each in a process of its own that is ended at
 * its limit with all that it started, and keeps their output in one log. Used by one thread.
 */
final class Commands {
    private static final Duration GRACE = Duration.ofSeconds(3);
    private static final int LONGEST_LINE = 300;

    /** What moves a cursor or changes a colour. */
    private static final Pattern CONTROL = Pattern.compile("\u001b\\[[0-9;?]*[a-zA-Z]");

    private final Path log;
    private final Path output;

    /**
     * @param log is appended to
     * @param scratch for the output of the command that runs
     */
    Commands(Path log, Path scratch) {
        this.log = log;
        this.output = scratch.resolve("output");
    }

    /** Throws where the program cannot be started at all. */
    Ran run(Duration limit, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                        .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        long startNs = System.nanoTime();
        Process process = builder.start();
        boolean stopped = !process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        if (stopped) {
            end(process);
        }
        double seconds = (System.nanoTime() - startNs) / 1e9;
        int code = process.isAlive() ? -1 : process.exitValue();
        String said = new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
        Files.writeString(
                log,
                "=== %s%n%s%n=== exit code %s after %.1f s%s%n%n"
                        .formatted(
                                String.join(" ", command),
                                said,
                                code,
                                seconds,
                                stopped ? ", stopped" : ""),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        return new Ran(code, stopped, seconds, lines(said));
    }

    /** One that a GPU holds in the kernel may outlive this; nobody waits for it. */
    private static void end(Process process) throws InterruptedException {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(process.toHandle());
        all.forEach(ProcessHandle::destroy);
        process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS);
        Stream.concat(all.stream(), process.descendants()).forEach(ProcessHandle::destroyForcibly);
        process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static List<String> lines(String said) {
        return CONTROL.matcher(said)
                .replaceAll("")
                .replace("\0", "")
                .lines()
                .filter(line -> !line.isBlank())
                .map(line -> line.substring(0, Math.min(line.length(), LONGEST_LINE)).strip())
                .toList();
    }
}
