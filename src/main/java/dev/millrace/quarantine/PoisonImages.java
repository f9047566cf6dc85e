package dev.millrace.quarantine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images of callers that were answered as poison. A message of the queue is deleted with that
 * answer, and a caller may send its image again: it is not tried again, and never gets to native
 * code. Keeps the newest {@link #MAX}, of this build of the worker and over its restarts.
 * Thread-safe.
 */
public final class PoisonImages {
    private static final Logger LOG = LoggerFactory.getLogger(PoisonImages.class);

    static final int MAX = 1000;

    private final Optional<Path> file;
    private final String build;

    /** Digests by the ids of images; the oldest first. */
    private final Map<String, String> digests = new LinkedHashMap<>();

    /**
     * @param file where they are kept, if they are
     * @param build of the worker: another one may decode what this one cannot
     */
    public PoisonImages(Optional<Path> file, String build) throws IOException {
        this.file = file;
        this.build = build;
        if (file.isPresent()) {
            read(file.get());
        }
    }

    private void read(Path from) throws IOException {
        try {
            List<String> lines = Files.readAllLines(from);
            if (!lines.isEmpty() && lines.getFirst().equals(build)) {
                for (String line : lines.subList(1, lines.size())) {
                    String[] parts = line.split(" ", 2);
                    if (parts.length == 2) {
                        digests.put(parts[1], parts[0]);
                    }
                }
            }
        } catch (NoSuchFileException e) {
            // None was poison yet.
        }
    }

    /**
     * Whether an image with this id was. Ids are checksums, which somebody can make equal, so that
     * only {@link #has} may speak against an image.
     */
    synchronized boolean mayHave(String imageId) {
        return digests.containsKey(imageId);
    }

    /** Whether this image was, for this task. */
    boolean has(String imageId, String task, byte[] body) {
        String known;
        synchronized (this) {
            known = digests.get(imageId);
        }
        return known != null && known.equals(digest(task, body));
    }

    void add(String imageId, String task, byte[] body) {
        String digest = digest(task, body);
        synchronized (this) {
            // To the end: the newest stay longest.
            digests.remove(imageId);
            digests.put(imageId, digest);
            while (digests.size() > MAX) {
                digests.remove(digests.keySet().iterator().next());
            }
            write();
        }
    }

    /** The models have changed, and their modules with them. */
    synchronized void forget() {
        if (!digests.isEmpty()) {
            digests.clear();
            write();
        }
    }

    private static String digest(String task, byte[] body) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(task.getBytes(StandardCharsets.UTF_8));
            sha256.update((byte) 0);
            return HexFormat.of().formatHex(sha256.digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    private void write() {
        if (file.isEmpty()) {
            return;
        }
        Path to = file.get();
        String lines =
                digests.entrySet().stream()
                        .map(entry -> entry.getValue() + " " + entry.getKey() + "\n")
                        .collect(Collectors.joining("", build + "\n", ""));
        StateFile.write(to, lines, LOG);
    }
}
