package dev.millrace.lab.check;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where the check runs: the folder of Millrace, how its commands are started there, and where its
 * lines go.
 *
 * @param home a folder of {@code gpu-bundle.sh}, or a checkout
 * @param patience what limits are multiplied with
 * @param effort the share of messages and rounds that is run
 * @param scratch for files, removed at the end
 * @param out one line for each row
 */
record CheckHost(Path home, double patience, double effort, Path scratch, PrintWriter out) {
    private static final String CONTRACT = "dev.millrace.gpu.cuda.CudaDeviceContractTest";

    /** A command line of Millrace. */
    List<String> millrace(String... arguments) {
        Path launcher = home.resolve("bin/millrace");
        List<String> command = new ArrayList<>();
        command.add(
                (Files.isExecutable(launcher) ? launcher : home.resolve("scripts/millrace"))
                        .toString());
        command.addAll(List.of(arguments));
        return command;
    }

    /** Whether this is a bundle, with a runtime and tests of its own. */
    boolean bundle() {
        return Files.isExecutable(home.resolve("bin/jvm"));
    }

    /** The command that runs the device contract test; its environment is beside it. */
    List<String> contract() {
        return bundle()
                ? List.of(
                        home.resolve("bin/jvm").toString(),
                        "org.junit.platform.console.ConsoleLauncher",
                        "execute",
                        "--select-class=" + CONTRACT,
                        "--disable-banner",
                        "--disable-ansi-colors",
                        "--details=tree",
                        "--fail-if-no-tests")
                : List.of(
                        "mvn",
                        "-B",
                        "-ntp",
                        "-f",
                        home.resolve("pom.xml").toString(),
                        "-Dspotless.check.skip=true",
                        "-Dtest=" + CONTRACT.substring(CONTRACT.lastIndexOf('.') + 1),
                        "test");
    }

    /** What the command of the contract needs beside the host's own. */
    Map<String, String> contractEnvironment() {
        return bundle() ? Map.of("MILLRACE_CLASSPATH", home.resolve("test") + "/*") : Map.of();
    }

    /** A model that comes along. */
    String engine(String name) {
        return home.resolve("engines").resolve(name).toString();
    }

    /** What a bundle says of itself, line by line; empty in a checkout. */
    List<String> contents() throws IOException {
        Path file = home.resolve("CONTENTS");
        return Files.isRegularFile(file) ? Files.readAllLines(file) : List.of();
    }

    /** A program of the host's by its name, from the path or from where NVIDIA puts it. */
    Optional<String> program(String name) {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.of(
                        path.split(":"),
                        new String[] {"/usr/local/nvidia/bin", "/usr/local/cuda/bin"})
                .flatMap(Stream::of)
                .filter(folder -> !folder.isBlank())
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    Duration scaled(Duration limit) {
        return Duration.ofMillis(Math.round(limit.toMillis() * patience));
    }

    /** A number of messages or rounds, as an argument. */
    String count(int number) {
        return Long.toString(Math.max(2, Math.round(number * effort)));
    }

    /** A command as it may be typed in the folder, without what is only this run's. */
    String shown(CharSequence command) {
        return command.toString().replace(scratch.toString(), "/tmp").replace(home + "/", "");
    }

    /** Says what a row is as soon as it is known. */
    void said(Report.Row row) {
        out.printf(
                Locale.ROOT,
                "%2d %-8s %-26s %6.1f s  %s%n",
                row.step(),
                row.verdict().result().label(),
                row.name(),
                row.seconds(),
                row.verdict().says());
        out.flush();
    }
}
