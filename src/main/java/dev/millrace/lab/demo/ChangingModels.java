package dev.millrace.lab.demo;

import dev.millrace.resource.Deadline;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Models that change while messages flow: copies of bundles, which get a new version as often as is
 * wanted. The thread that sends the demo's messages drives it. Owns the copies.
 */
final class ChangingModels implements AutoCloseable {
    /** How often the worker has to look at the folders. */
    static final Duration LOOK = Duration.ofMillis(200);

    private static final int AT_A_TIME = 10;
    private static final int MOST_AHEAD = 64;
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration LONG_PAUSE = Duration.ofSeconds(1);

    /** For one change. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final int times;

    /** Null until there is a copy. */
    private Path folder;

    private final List<Path> bundles = new ArrayList<>();

    /**
     * @param times how often each of them changes
     */
    ChangingModels(int times) {
        this.times = times;
    }

    /** Whether they change at all. */
    boolean isUsed() {
        return times > 0;
    }

    /** The copy of a bundle, in a folder of the same name. */
    Path copy(Path bundle) {
        try {
            if (folder == null) {
                folder = Files.createTempDirectory("millrace-demo");
            }
            Path copy = Files.createDirectory(folder.resolve(bundle.getFileName().toString()));
            for (String file : List.of("model.onnx", "model.yaml")) {
                Files.copy(bundle.resolve(file), copy.resolve(file));
            }
            bundles.add(copy);
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Sends messages at the worker's pace, changes the models, and goes on until results name the
     * change, again and again; then sends what is left.
     *
     * @param sink where the results come
     */
    void send(List<String> bodies, Consumer<List<String>> queue, CallbackSink sink) {
        int sent = 0;
        try {
            for (int change = 1; change <= times; change++) {
                write("reload-" + change);
                int share = bodies.size() * change / (times + 1);
                sent = sendUntilNamed(change, share, sent, bodies, queue, sink);
            }
        } catch (IOException | InterruptedException e) {
            System.err.println("millrace: the demo cannot change its models: " + e);
        }
        queue.accept(bodies.subList(sent, bodies.size()));
    }

    /** How many are sent when results name the change, or when it has had its time. */
    private static int sendUntilNamed(
            int change,
            int share,
            int before,
            List<String> bodies,
            Consumer<List<String>> queue,
            CallbackSink sink)
            throws InterruptedException {
        int sent = before;
        Deadline deadline = Deadline.in(PATIENCE);
        while (taken(sink.versions()) < change && !deadline.passed()) {
            // Messages must come as long as a load takes, so the last ones come slowly.
            boolean spare = sent < share;
            if (sent - sink.calledBack() < MOST_AHEAD && sent < bodies.size()) {
                int end = Math.min(bodies.size(), sent + (spare ? AT_A_TIME : 1));
                queue.accept(bodies.subList(sent, end));
                sent = end;
            }
            Thread.sleep(spare ? PAUSE : LONG_PAUSE);
        }
        return sent;
    }

    private void write(String version) throws IOException {
        for (Path bundle : bundles) {
            Path yaml = bundle.resolve("model.yaml");
            Files.writeString(yaml, withVersion(Files.readString(yaml), version));
        }
    }

    /** How many of the changes results have named. */
    static long taken(Set<String> versions) {
        return versions.stream().filter(version -> version.startsWith("reload-")).count();
    }

    private static String withVersion(String yaml, String version) {
        return yaml.replaceAll("(?m)^version:.*\\R", "").stripTrailing()
                + "\nversion: "
                + version
                + "\n";
    }

    @Override
    public void close() {
        if (folder == null) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList().reversed()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
