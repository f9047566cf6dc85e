package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.testing.Loopback;
import dev.millrace.testing.RawServer;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WorkerProcess;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A worker process of usual size and what surrounds it, where strangers can send what they like,
 * and the question whether it still works: 30 good messages are answered, it is ready, and nothing
 * leaked.
 */
final class StrangerScene implements AutoCloseable {
    private static final int GOOD = 30;

    /** Until a message has its answer that was tried again once, 30 s after its first receive. */
    private static final int SECOND_TRY = 60;

    /** Threads of pools, which come and go. */
    private static final int MORE_THREADS = 24;

    final TestQueue queue = new TestQueue(5);
    final FaultyQueue faulty;
    final Loopback images = new Loopback();
    final Ledger ledger = new Ledger();
    final WorkerProcess worker;
    private final List<Closeable> held = new ArrayList<>();
    private final Map<String, String> expected = new LinkedHashMap<>();
    private final List<Check> checks = new ArrayList<>();
    private int rounds;
    private int hosts;
    private double threads;

    /** What must hold after an attack beside the rest. */
    @FunctionalInterface
    interface Check {
        void run() throws Exception;
    }

    /**
     * @param before classes that go before the worker's own
     */
    StrangerScene(Path folder, List<Path> before) throws IOException, InterruptedException {
        faulty = new FaultyQueue(queue.endpoint(), 1);
        String yaml =
                FaultSettings.of(faulty.url())
                                .queue("visibility: 10s")
                                .fetch("timeout: 2s")
                                .fetch("connectTimeout: 1s")
                                .callback("timeout: 2s")
                                .yaml()
                        + "drain: {spot: false}\n";
        worker =
                WorkerProcess.start(
                        folder,
                        yaml,
                        // The launcher's size of a worker.
                        List.of("-Xmx384m", "-XX:+UseParallelGC", "-XX:NewRatio=1"),
                        before,
                        folder);
        worker.awaitReady();
        requireWell("before", 15);
        threads = metric("jvm_threads_live_threads").orElseThrow();
    }

    static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    /** Looks at something more once the worker has done its 30 good messages. */
    void then(Check check) {
        checks.add(check);
    }

    /** The id is to be answered, with this kind of error or none where it is empty. */
    void expect(String id, String error) {
        expected.put(id, error);
    }

    /** Puts messages into the queue that are to be counted as no requests. */
    void malformed(String... bodies) {
        double before = metric("millrace_malformed_total").orElse(0);
        send(bodies);
        then(
                () ->
                        Loopback.awaitUntil(
                                () ->
                                        metric("millrace_malformed_total").orElse(0)
                                                >= before + bodies.length,
                                5,
                                () -> "fewer than " + bodies.length + " are malformed"));
    }

    /** Puts a message into the queue, whatever it is. */
    void send(String... bodies) {
        // One by one: a batch may not be larger than a message.
        for (String body : bodies) {
            queue.send(List.of(body));
        }
    }

    /**
     * A request that is to be answered.
     *
     * @param error the kind of error that the answer must carry; empty for a verdict
     */
    void request(String id, String url, String error) {
        request(id, url, "", error);
    }

    /**
     * @param more members of the message, with a comma before each
     */
    void request(String id, String url, String more, String error) {
        expect(id, error);
        send(body(id, url, ledger.sink(), more));
    }

    static String body(String id, String url, String callback, String more) {
        return "{\"id\":\"%s\",\"url\":\"%s\",\"task\":\"safety\",\"callback_url\":\"%s\"%s}"
                .formatted(id, url, callback, more);
    }

    String photo() {
        return images.photo("mpu-300x250-city-night.jpg");
    }

    byte[] photoBytes() throws IOException {
        try (InputStream in = URI.create(photo()).toURL().openStream()) {
            return in.readAllBytes();
        }
    }

    /** Keeps something open until the scene ends. */
    <T extends Closeable> T hold(T resource) {
        held.add(resource);
        return resource;
    }

    /** The URL of a host that answers by a script; each has an address of its own. */
    String host(RawServer.Script script) throws IOException {
        String address = "127.0.1." + ++hosts;
        return "http://" + address + ":" + hold(new RawServer(address, 0, script)).port() + "/";
    }

    /** A request that is tried again for as long as the queue gives it out. */
    void retried(String id, String url) {
        send(body(id, url, ledger.sink(), ""));
    }

    /** A connection to the status port on which this was sent, kept open. */
    void connect(String text) throws IOException {
        Socket socket = hold(new Socket(InetAddress.getLoopbackAddress(), worker.port()));
        socket.getOutputStream().write(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }

    /** What the worker says of itself; empty where it says nothing of this name. */
    OptionalDouble metric(String name) {
        return Arrays.stream(worker.text("/metrics").split("\n"))
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .reduce(Double::sum);
    }

    /**
     * Lets a stranger send what it has, and fails unless the worker works as if nothing had
     * happened.
     *
     * @param seconds for 30 good messages
     * @return seconds that they took
     */
    double meet(Stranger stranger, int seconds) throws Exception {
        long startNs = System.nanoTime();
        try {
            stranger.attack().on(this);
            double took = requireWell(stranger.what(), seconds);
            System.out.printf("all of it in %.1f s%n", (System.nanoTime() - startNs) / 1e9);
            return took;
        } finally {
            release();
        }
    }

    private double requireWell(String after, int seconds) throws InterruptedException {
        String prefix = "good" + rounds++ + "-";
        String photo = photo();
        long startNs = System.nanoTime();
        ledger.send(queue, prefix, GOOD, _ -> photo);
        await(
                after,
                seconds,
                () -> ledger.answered(prefix) == GOOD,
                () -> ledger.answered(prefix) + " of 30 good messages answered");
        double took = (System.nanoTime() - startNs) / 1e9;
        try {
            for (Map.Entry<String, String> entry : expected.entrySet()) {
                requireAnswer(after, entry.getKey(), entry.getValue());
            }
        } finally {
            expected.clear();
        }
        await(
                after,
                5,
                () -> worker.status("/v2/health/ready") == 200,
                () -> "ready " + worker.status("/v2/health/ready"));
        requireNoLeak(after);
        runChecks(after);
        System.out.printf("%-60s 30 good messages in %.1f s%n", after, took);
        return took;
    }

    private void runChecks(String after) {
        try {
            for (Check check : checks) {
                check.run();
            }
        } catch (AssertionError e) {
            throw new AssertionError(after + ": " + e.getMessage(), e);
        } catch (Exception e) {
            throw new AssertionError(after + ": " + e, e);
        } finally {
            checks.clear();
        }
    }

    /** A busy machine may miss a time limit of the scene; the message is then tried again. */
    private void requireAnswer(String after, String id, String error) throws InterruptedException {
        await(
                after,
                SECOND_TRY,
                () -> ledger.callbacks().containsKey(id),
                () -> id + " has no answer; the worker tries again: " + triedAgain());
        assertEquals(error, ledger.callbacks().get(id).getFirst().error(), after + ": " + id);
    }

    private void requireNoLeak(String after) throws InterruptedException {
        await(
                after,
                10,
                () -> most("millrace_admission_in_flight", retrying()),
                () -> "in flight: " + metric("millrace_admission_in_flight"));
        await(
                after,
                5,
                () -> most("millrace_admission_bytes", 0),
                () -> "bytes reserved: " + metric("millrace_admission_bytes"));
        await(
                after,
                5,
                () -> most("millrace_decode_reserved_bytes", 0),
                () -> "decode memory reserved: " + metric("millrace_decode_reserved_bytes"));
        if (threads > 0) {
            await(
                    after,
                    10,
                    () -> most("jvm_threads_live_threads", threads + MORE_THREADS),
                    () -> "threads: " + metric("jvm_threads_live_threads") + " of " + threads);
        }
    }

    /** Messages whose callback is tried again right now hold their permit by right. */
    private double retrying() {
        return metric("millrace_callbacks_held").orElse(0);
    }

    private boolean most(String metric, double bound) {
        OptionalDouble value = metric(metric);
        return value.isPresent() && value.getAsDouble() <= bound;
    }

    private void await(
            String after,
            int seconds,
            java.util.function.BooleanSupplier ready,
            java.util.function.Supplier<String> state)
            throws InterruptedException {
        Loopback.awaitUntil(
                () -> !worker.isAlive() || ready.getAsBoolean(),
                seconds,
                () -> after + ": " + state.get() + "\n" + tail(worker.output()));
        if (!worker.isAlive()) {
            throw new AssertionError(after + ": the worker has ended\n" + tail(worker.output()));
        }
    }

    private List<String> triedAgain() {
        return worker.output().lines().filter(line -> line.contains("tried again")).toList();
    }

    private static String tail(String output) {
        return output.substring(Math.max(0, output.length() - 3000));
    }

    private void release() throws IOException {
        for (Closeable resource : held.reversed()) {
            resource.close();
        }
        held.clear();
        faulty.mangler = _ -> {};
        ledger.witness = (_, _) -> {};
    }

    @Override
    public void close() throws IOException {
        release();
        worker.close();
        faulty.close();
        images.close();
        ledger.close();
        queue.close();
    }
}
