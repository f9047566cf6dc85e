package dev.millrace.quarantine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages that native code had when a process ended, each with how much speaks against it. They
 * outlive several processes, since a message comes back only after its visibility timeout. Keeps
 * the newest {@link #MAX}. Thread-safe.
 */
public final class Suspects {
    private static final Logger LOG = LoggerFactory.getLogger(Suspects.class);

    static final int MAX = 1000;

    /**
     * From here a message is guilty. Each time before, its image was tried and did no harm, or it
     * would have ended then; so that it was twice the only one, or again and again one of several.
     */
    private static final int GUILTY = 3;

    private static final int ALONE = 2;
    private static final int ONE_OF_SEVERAL = 1;

    private final Optional<Path> file;
    private final Map<String, Integer> points = new LinkedHashMap<>();

    /**
     * @param file where they are kept, if they are
     */
    public Suspects(Optional<Path> file) throws IOException {
        this.file = file;
        if (file.isPresent()) {
            read(file.get());
        }
    }

    private void read(Path from) throws IOException {
        try {
            for (String line : Files.readAllLines(from)) {
                String[] parts = line.split(" ", 2);
                if (parts.length == 2 && parts[0].matches("\\d{1,3}")) {
                    points.put(parts[1], Integer.parseInt(parts[0]));
                }
            }
        } catch (NoSuchFileException e) {
            // Nobody was suspected yet.
        }
    }

    /** A process ended while native code had these messages. */
    public synchronized void accuse(Set<String> ids) {
        if (ids.isEmpty()) {
            return;
        }
        int more = ids.size() == 1 ? ALONE : ONE_OF_SEVERAL;
        for (String id : ids) {
            int before = points.getOrDefault(id, 0);
            // To the end: the newest stay longest.
            points.remove(id);
            points.put(id, Math.min(GUILTY, before + more));
        }
        while (points.size() > MAX) {
            points.remove(points.keySet().iterator().next());
        }
        write();
    }

    synchronized boolean has(String messageId) {
        return points.containsKey(CrashJournal.key(messageId));
    }

    synchronized boolean isGuilty(String messageId) {
        return points.getOrDefault(CrashJournal.key(messageId), 0) >= GUILTY;
    }

    /** The message is answered. */
    synchronized void drop(String messageId) {
        if (points.remove(CrashJournal.key(messageId)) != null) {
            write();
        }
    }

    public synchronized int size() {
        return points.size();
    }

    private void write() {
        if (file.isEmpty()) {
            return;
        }
        Path to = file.get();
        String lines =
                points.entrySet().stream()
                        .map(entry -> entry.getValue() + " " + entry.getKey() + "\n")
                        .collect(Collectors.joining());
        StateFile.write(to, lines, LOG);
    }
}
