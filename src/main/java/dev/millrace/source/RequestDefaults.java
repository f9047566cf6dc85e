package dev.millrace.source;

import java.util.List;
import java.util.Optional;

/**
 * What holds for a message that does not say it, by {@code source.defaults} of the configuration,
 * beside the destination of its result, which {@link Destinations} knows.
 *
 * @param tasks none where a message has to name them
 * @param metadata JSON
 */
public record RequestDefaults(List<String> tasks, Optional<String> metadata) {
    public static final RequestDefaults NONE = new RequestDefaults(List.of(), Optional.empty());

    static final String TASKS = "source.defaults.tasks";
    static final String CALLBACK = "source.defaults.callback";
    static final String OR_TASKS = orSet(TASKS);
    static final String OR_CALLBACK = orSet(CALLBACK);

    public RequestDefaults {
        tasks = List.copyOf(tasks);
    }

    private static String orSet(String key) {
        return ", or set " + key + " in the worker's configuration";
    }
}
