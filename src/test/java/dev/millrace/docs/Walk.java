package dev.millrace.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * The commands of the pages, run by a shell as they are written, in a folder that looks like a
 * fresh checkout. One thread walks.
 */
final class Walk implements AutoCloseable {
    private static final int RUN_SECONDS = 240;
    private static final int BEGIN_SECONDS = 90;
    private static final int END_SECONDS = 40;

    private static final List<String> LINKED =
            List.of("scripts", "native", "src", "target", "pom.xml");
    private static final List<String> COPIED = List.of("engines", "examples", "docs", "docker");

    private final Path folder;
    private final Map<String, Known> all;
    private final Map<String, Started> served = new LinkedHashMap<>();

    /** What each command has printed, also of those that have ended. */
    private final Map<String, Path> outputs = new LinkedHashMap<>();

    private record Started(Process process, Known known) {}

    private Walk(Path folder, Map<String, Known> all) {
        this.folder = folder;
        this.all = all;
    }

    /**
     * In a folder of its own, since the commands write files and a page may name one that is
     * committed.
     */
    static Walk in(Path folder, Path home, Map<String, Known> all)
            throws IOException, InterruptedException {
        for (String name : LINKED) {
            Files.createSymbolicLink(folder.resolve(name), home.resolve(name));
        }
        for (String name : COPIED) {
            shell(folder, folder.resolve(".copy"), "cp -r '" + home.resolve(name) + "' .", Map.of())
                    .waitFor();
        }
        return new Walk(folder, all);
    }

    /** Writes the file that a page shows. */
    void write(String file, List<String> lines) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.write(path, lines);
    }

    /** Whether the walk has run it to its end, or has begun it; what is served is served anew. */
    boolean hasTaken(Known known) {
        return outputs.containsKey(known.command()) && !known.how().equals("serve");
    }

    /**
     * Runs it, starts it or begins it, and fails if it does not do what the page lets one expect.
     */
    void take(Known known) throws IOException, InterruptedException {
        for (String command : known.all("ends")) {
            if (served.containsKey(command)) {
                end(command);
            }
        }
        for (String command : known.all("beside")) {
            if (!served.containsKey(command)) {
                take(all.get(command));
            }
        }
        for (String command : known.all("before")) {
            Path said = folder.resolve(".before");
            require(shell(folder, said, command, Map.of()).waitFor() == 0, command, said);
        }
        Path output = Files.createTempFile(folder, ".said", ".txt");
        outputs.put(known.command(), output);
        Map<String, String> environment = new LinkedHashMap<>();
        for (String variable : known.all("with")) {
            String[] parts = variable.split("=", 2);
            environment.put(parts[0], parts[1]);
        }
        Process process = shell(folder, output, known.command(), environment);
        Started started = new Started(process, known);
        served.put(known.command(), started);
        if (known.how().equals("run")) {
            require(
                    process.waitFor(RUN_SECONDS, TimeUnit.SECONDS),
                    "is still running: " + known.command(),
                    output);
            served.remove(known.command());
            require(
                    process.exitValue() == known.exit(),
                    "exit code " + process.exitValue() + ": " + known.command(),
                    output);
            return;
        }
        awaitText(started, output);
        if (known.how().equals("begin")) {
            end(known.command());
        }
    }

    private static void awaitText(Started started, Path output)
            throws IOException, InterruptedException {
        Pattern until = Pattern.compile(started.known().option("until").orElseThrow());
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(BEGIN_SECONDS);
        while (!until.matcher(Files.readString(output)).find()) {
            require(started.process().isAlive(), "has ended: " + started.known().command(), output);
            require(
                    System.nanoTime() < end,
                    "does not say '" + until + "': " + started.known().command(),
                    output);
            Thread.sleep(50);
        }
    }

    /**
     * Ends a command as Ctrl-C in a shell or an orchestrator does, and looks at its exit code where
     * the list has one.
     */
    private void end(String command) throws IOException, InterruptedException {
        Started started = served.remove(command);
        Path output = outputs.get(command);
        require(
                started != null && started.process().isAlive(),
                "has ended by itself: " + command,
                output);
        started.process().destroy();
        boolean ended = started.process().waitFor(END_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            started.process().descendants().forEach(ProcessHandle::destroyForcibly);
            started.process().destroyForcibly();
        }
        require(ended, "does not end: " + command, output);
        Optional<String> exit = started.known().option("exit");
        require(
                exit.isEmpty() || started.process().exitValue() == started.known().exit(),
                "exit code " + started.process().exitValue() + ": " + command,
                output);
    }

    /**
     * Holds what a page shows against what the command has printed, or prints within half a minute.
     */
    void compare(String command, List<String> shown) throws IOException, InterruptedException {
        Path output = outputs.get(command);
        int tries = served.containsKey(command) ? 300 : 1;
        Optional<String> missing = Optional.empty();
        for (int i = 0; i < tries; i++) {
            missing = Shown.missing(shown, Files.readAllLines(output));
            if (missing.isEmpty()) {
                return;
            }
            Thread.sleep(100);
        }
        require(false, "the page shows: " + missing.get(), output);
    }

    /** Ends what is still served. */
    void endPage() throws IOException, InterruptedException {
        for (String command : List.copyOf(served.keySet()).reversed()) {
            end(command);
        }
    }

    /** None of the processes stays, whatever failed. */
    @Override
    public void close() throws IOException {
        for (Started started : served.values()) {
            started.process().descendants().forEach(ProcessHandle::destroyForcibly);
            started.process().destroyForcibly();
        }
        for (String name : LINKED) {
            Files.delete(folder.resolve(name));
        }
    }

    private static Process shell(
            Path folder, Path output, String command, Map<String, String> environment)
            throws IOException {
        // The shell becomes the command, so that a signal reaches it.
        ProcessBuilder builder =
                new ProcessBuilder("bash", "-c", command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile());
        // The JDK that the build found, as a user of javac has it.
        builder.environment()
                .merge("PATH", "", (path, _) -> System.getProperty("java.home") + "/bin:" + path);
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static void require(boolean holds, String what, Path output) throws IOException {
        if (!holds) {
            throw new AssertionError(what + "\nIt has printed:\n" + Files.readString(output));
        }
    }
}
