package dev.millrace.serve;

import java.util.List;

/**
 * A model that callers may ask.
 *
 * @param kind of its module, or the module's class
 * @param labels of a classifier whose verdicts have a score for each; else empty
 */
public record ServedModel(
        String task, String name, String version, String kind, List<String> labels) {
    public ServedModel {
        labels = List.copyOf(labels);
    }
}
