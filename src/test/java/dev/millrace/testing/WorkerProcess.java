package dev.millrace.testing;

import dev.millrace.job.Counter;
import dev.millrace.job.DropReason;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * {@code millrace worker} as an operator runs it: the packaged jar, a configuration file, a process
 * of its own.
 */
public final class WorkerProcess implements AutoCloseable {
    private final Process process;
    private final Path output;
    private final int port;

    private WorkerProcess(Process process, Path output, int port) {
        this.process = process;
        this.output = output;
        this.port = port;
    }

    /**
     * @param folder for the configuration and the output
     * @param yaml all but {@code http.port}, which is chosen here
     */
    public static WorkerProcess start(Path folder, String yaml) throws IOException {
        return start(folder, yaml, List.of(), "");
    }

    /**
     * @param flags of the JVM, beside its usual ones
     * @param classes more of them, as the environment's {@code MILLRACE_CLASSPATH}
     */
    public static WorkerProcess start(Path folder, String yaml, List<String> flags, String classes)
            throws IOException {
        return start(folder, yaml, "worker", flags, classes);
    }

    /**
     * @param name of the command: {@code worker}, or {@code supervise}, which is then the process
     */
    public static WorkerProcess start(
            Path folder, String yaml, String name, List<String> flags, String classes)
            throws IOException {
        String more = classes.isEmpty() ? "" : File.pathSeparator + classes;
        return start(folder, yaml, List.of(), name, flags, property("millrace.classes") + more);
    }

    /**
     * @param before a command that becomes the one that follows it, such as {@code env}
     */
    public static WorkerProcess startBehind(List<String> before, Path folder, String yaml)
            throws IOException {
        return startBehind(before, folder, yaml, "worker", List.of());
    }

    /**
     * @param name of the command
     * @param flags of the JVM, beside its usual ones
     */
    public static WorkerProcess startBehind(
            List<String> before, Path folder, String yaml, String name, List<String> flags)
            throws IOException {
        return start(folder, yaml, before, name, flags, property("millrace.classes"));
    }

    /**
     * @param classes compiled, which go before the worker's own
     */
    public static WorkerProcess startWith(Path classes, Path folder, String yaml)
            throws IOException {
        return startWith(classes, List.of(), folder, yaml);
    }

    /**
     * @param classes compiled, which go before the worker's own
     * @param before a command that becomes the one that follows it, such as {@code env}
     */
    public static WorkerProcess startWith(
            Path classes, List<String> before, Path folder, String yaml) throws IOException {
        String all = classes + File.pathSeparator + property("millrace.classes");
        return start(folder, yaml, before, "worker", List.of(), all);
    }

    /**
     * @param flags of the JVM, beside its usual ones
     * @param before classes that go before the worker's own
     * @param after more classes
     */
    public static WorkerProcess start(
            Path folder, String yaml, List<String> flags, List<Path> before, Path after)
            throws IOException {
        return start(folder, yaml, "worker", flags, before, after);
    }

    /**
     * @param name of the command
     * @param flags of the JVM, beside its usual ones
     * @param before classes that go before the worker's own
     * @param after more classes
     */
    public static WorkerProcess start(
            Path folder,
            String yaml,
            String name,
            List<String> flags,
            List<Path> before,
            Path after)
            throws IOException {
        List<String> all = new ArrayList<>(before.stream().map(Path::toString).toList());
        all.add(property("millrace.classes"));
        all.add(after.toString());
        return start(folder, yaml, List.of(), name, flags, String.join(File.pathSeparator, all));
    }

    private static WorkerProcess start(
            Path folder,
            String yaml,
            List<String> before,
            String name,
            List<String> flags,
            String classPath)
            throws IOException {
        return start(folder, yaml, before, name, flags, classPath, false);
    }

    private static WorkerProcess start(
            Path folder,
            String yaml,
            List<String> before,
            String name,
            List<String> flags,
            String classPath,
            boolean piped)
            throws IOException {
        int port = FreePort.find();
        Path config = Files.writeString(folder.resolve("worker.yaml"), yaml);
        Path output = folder.resolve("worker.log");
        List<String> command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(property("millrace.flags").strip().split("\\s+")));
        command.add("-Xmx512m");
        command.addAll(flags);
        command.addAll(List.of("-cp", classPath));
        command.addAll(List.of("dev.millrace.cli.Millrace", name, "--config"));
        command.add(config.toString());
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("MILLRACE_HTTP_PORT", Integer.toString(port));
        builder.environment().put("JAVA_OPTS", "-Xmx512m");
        if (piped) {
            builder.redirectError(output.toFile());
        } else {
            builder.redirectErrorStream(true).redirectOutput(output.toFile());
        }
        return new WorkerProcess(builder.start(), output, port);
    }

    /**
     * @param before a command that becomes the one that follows it, such as {@code prlimit}
     * @param name of the command
     * @param classes compiled, which go before the worker's own
     */
    public static WorkerProcess startAfter(
            List<String> before, Path folder, String yaml, String name, List<Path> classes)
            throws IOException {
        List<String> all = new ArrayList<>(classes.stream().map(Path::toString).toList());
        all.add(property("millrace.classes"));
        return start(folder, yaml, before, name, List.of(), String.join(File.pathSeparator, all));
    }

    /**
     * With results on its standard output, which is a pipe.
     *
     * @param before a command that becomes the one that follows it, such as {@code env}
     * @param classes compiled, which go before the worker's own
     */
    public static WorkerProcess startPiped(
            List<String> before, List<Path> classes, Path folder, String yaml) throws IOException {
        List<String> all = new ArrayList<>(classes.stream().map(Path::toString).toList());
        all.add(property("millrace.classes"));
        String classPath = String.join(File.pathSeparator, all);
        return start(folder, yaml, before, "worker", List.of(), classPath, true);
    }

    /** Its standard output, where that is a pipe. */
    public InputStream results() {
        return process.getInputStream();
    }

    private static String property(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            throw new IllegalStateException(name + " is not set; run this test with mvn verify");
        }
        return value;
    }

    /** Waits until the worker says that it is ready. */
    public void awaitReady() throws InterruptedException {
        Loopback.awaitUntil(
                () -> !process.isAlive() || status("/v2/health/ready") == 200,
                60,
                () -> "not ready:\n" + output());
        if (!process.isAlive()) {
            throw new AssertionError("the worker ended:\n" + output());
        }
    }

    /** The HTTP status of a path, 0 where nobody answers. */
    public int status(String path) {
        return get(path) instanceof HttpResponse<String> response ? response.statusCode() : 0;
    }

    /** The body behind a path. */
    public String text(String path) {
        return get(path) instanceof HttpResponse<String> response ? response.body() : "";
    }

    /** What it has counted. */
    public long counter(Counter counter) {
        return sum("millrace_" + counter.name().toLowerCase(Locale.ROOT) + "_total ");
    }

    /** Events that asked for no image, by the reason. */
    public long dropped(DropReason reason) {
        return sum("millrace_dropped_total{reason=\"" + reason.wireName() + "\"} ");
    }

    private long sum(String name) {
        return text("/metrics")
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(name.length())))
                .sum();
    }

    /** A number that it tells of itself, as it is now. */
    public double gauge(String name) {
        return text("/metrics")
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                .sum();
    }

    private HttpResponse<String> get(String path) {
        URI uri = URI.create("http://127.0.0.1:" + port + path);
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** SIGTERM; what it still writes can be read, which {@link Process#destroy} prevents. */
    public void terminate() {
        process.toHandle().destroy();
    }

    /** SIGTERM to it and to what it has started, as systemd stops a service. */
    public void terminateAll() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
    }

    /** What it has started and what that has. */
    public List<ProcessHandle> descendants() {
        return process.descendants().toList();
    }

    /** SIGKILL; returns when the process is gone. */
    public void kill() throws InterruptedException {
        process.toHandle().destroyForcibly();
        process.waitFor();
    }

    /** The status port. */
    public int port() {
        return port;
    }

    public long pid() {
        return process.pid();
    }

    /** CPU time that it has used. */
    public Duration cpu() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Waits for the end and gives the exit code. */
    public int exitCode(int seconds) throws InterruptedException {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            throw new AssertionError("still running after " + seconds + " s:\n" + output());
        }
        return process.exitValue();
    }

    /** What it has written, both streams, or to the one that is no pipe. */
    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
