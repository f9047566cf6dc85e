package dev.millrace.deadletters;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What workers last said of messages that they gave back, by the queue's id of a message. Bounded:
 * of more messages those that were read last are known. Filled by one thread, then read by any.
 */
public final class LastWords {
    private static final int MAX_MESSAGES = 500_000;

    private final int most;
    private final Map<String, LastWord> words = new LinkedHashMap<>();

    public LastWords() {
        this(MAX_MESSAGES);
    }

    LastWords(int most) {
        this.most = most;
    }

    /** The files in which a worker with this state directory leaves them, the older first. */
    public static List<Path> files(Path stateDirectory) {
        return GivenBackFile.in(stateDirectory);
    }

    /** Takes in the lines of a log; those that say something else are skipped. */
    public void read(BufferedReader lines) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            LastWord.read(line).ifPresent(this::add);
        }
    }

    private void add(LastWord word) {
        LastWord known = words.get(word.messageId());
        if (known == null || !word.time().isBefore(known.time())) {
            // At the end of the order.
            words.remove(word.messageId());
            words.put(word.messageId(), word);
        }
        if (words.size() > most) {
            words.remove(words.keySet().iterator().next());
        }
    }

    Optional<LastWord> of(String messageId) {
        return Optional.ofNullable(words.get(messageId));
    }

    /** How many messages something was said of. */
    public int size() {
        return words.size();
    }
}
