package dev.millrace.lab.demo;

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
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final int times;
    private final Path folder;
    private final List<Path> bundles = new ArrayList<>();

    /**
     * @param times how often each of them changes
     */
    ChangingModels(int times) {
        this.times = times;
        try {
            folder = Files.createTempDirectory("millrace-demo");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The copy of a bundle, in a folder of the same name. */
    Path copy(Path bundle) {
        try {
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
     * Sends messages little by little, changes the models, and goes on until results name the
     * change, again and again; then sends what is left.
     *
     * @param versions that results have named, which grows meanwhile
     */
    void send(List<String> bodies, Consumer<List<String>> queue, Set<String> versions) {
        int sent = 0;
        try {
            sent = change(bodies, queue, versions);
        } catch (IOException | InterruptedException e) {
            System.err.println("millrace: the demo cannot change its models: " + e);
        }
        queue.accept(bodies.subList(sent, bodies.size()));
    }

    /** How many it has sent by then. */
    private int change(List<String> bodies, Consumer<List<String>> queue, Set<String> versions)
            throws InterruptedException, IOException {
        int sent = 0;
        for (int change = 1; change <= times; change++) {
            for (Path bundle : bundles) {
                Path yaml = bundle.resolve("model.yaml");
                Files.writeString(yaml, withVersion(Files.readString(yaml), "reload-" + change));
            }
            String wanted = "reload-" + change + "+";
            while (sent < bodies.size()
                    && versions.stream().noneMatch(version -> version.startsWith(wanted))) {
                int end = Math.min(bodies.size(), sent + AT_A_TIME);
                queue.accept(bodies.subList(sent, end));
                sent = end;
                Thread.sleep(PAUSE);
            }
        }
        return sent;
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
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList().reversed()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
