package dev.millrace.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A main class of the tests in a process of its own, whose end is not the end of the build. */
public final class Child {
    /** The heap is touched at start, so that what the resident memory grows by is native. */
    private static final List<String> HEAP =
            List.of("-Xms128m", "-Xmx128m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC");

    private static final int TAIL = 2000;

    private Child() {}

    /**
     * @param exit 128 and the signal where it crashed
     * @param said on its standard output
     * @param complained the end of its standard error, where native libraries write as well
     */
    public record End(int exit, String said, String complained) {}

    public static End run(Class<?> main, Path folder, List<String> arguments)
            throws IOException, InterruptedException {
        return run(main, folder, arguments, System.getProperty("java.class.path"), Map.of());
    }

    /**
     * @param classes the class path
     * @param environment of the process, beside what it has of this one
     */
    public static End run(
            Class<?> main,
            Path folder,
            List<String> arguments,
            String classes,
            Map<String, String> environment)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(System.getProperty("millrace.flags").strip().split("\\s+")));
        command.addAll(HEAP);
        command.add("-XX:-CreateCoredumpOnCrash");
        command.add("-XX:ErrorFile=" + folder.resolve("hs_err.log"));
        command.addAll(List.of("-cp", classes, main.getName()));
        command.addAll(arguments);
        Path errors = folder.resolve("stderr.log");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        builder.environment().putAll(environment);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int exit = process.waitFor();
        String complained = Files.readString(errors, StandardCharsets.ISO_8859_1);
        return new End(exit, said, complained.substring(Math.max(0, complained.length() - TAIL)));
    }
}
