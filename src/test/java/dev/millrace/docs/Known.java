package dev.millrace.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the walk through the documents does with a command: {@code
 * src/test/resources/docs/commands.txt} lists each command as the pages write it, with what becomes
 * of it in the lines below.
 *
 * @param how one of {@link #WAYS}
 * @param why in words, where it is not run to its end
 * @param options further lines: {@code until} a pattern that its output must have; {@code exit} its
 *     code, 0 if left out; {@code with} a variable of its environment; {@code before} what the
 *     shell does first, such as making a file that a page says is the reader's; {@code ends} a
 *     command that is still served
 */
record Known(String command, String how, String why, Map<String, List<String>> options) {
    static final Path FILE = Path.of("src/test/resources/docs/commands.txt");

    /**
     * run: to its end; serve: until the end of its page; begin: until it has said {@code until};
     * the others are not run, since they need a cloud, a GPU or a container daemon, build the
     * project, or are run by something else that the line names.
     */
    static final Set<String> WAYS =
            Set.of("run", "serve", "begin", "cloud", "gpu", "container", "build");

    private static final Set<String> OPTIONS =
            Set.of("until", "exit", "with", "before", "beside", "ends");

    /** By the command. */
    static Map<String, Known> read(Path home) throws IOException {
        return parse(Files.readAllLines(home.resolve(FILE)));
    }

    static Map<String, Known> parse(List<String> lines) {
        Map<String, Known> known = new LinkedHashMap<>();
        String command = null;
        for (String line : lines) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (!line.startsWith(" ")) {
                command = line.strip();
                continue;
            }
            String[] parts = line.strip().split(":", 2);
            String key = parts[0];
            String value = parts.length == 2 ? parts[1].strip() : "";
            if (WAYS.contains(key)) {
                Known one = new Known(command, key, value, new HashMap<>());
                if (known.put(command, one) != null) {
                    throw new IllegalArgumentException(command + ": is listed twice");
                }
            } else if (OPTIONS.contains(key) && known.containsKey(command)) {
                known.get(command)
                        .options()
                        .merge(
                                key,
                                List.of(value),
                                (a, b) -> Stream.concat(a.stream(), b.stream()).toList());
            } else {
                throw new IllegalArgumentException(command + ": '" + key + "' is not a key here");
            }
        }
        return known;
    }

    Optional<String> option(String key) {
        return all(key).stream().findFirst();
    }

    List<String> all(String key) {
        return options.getOrDefault(key, List.of());
    }

    /** The exit code that the page promises, 0 if the list does not say. */
    int exit() {
        return option("exit").map(Integer::parseInt).orElse(0);
    }

    boolean isStarted() {
        return Set.of("run", "serve", "begin").contains(how);
    }
}
