package dev.millrace.cli;

import dev.millrace.config.ConfigException;
import dev.millrace.deadletters.Rule;
import dev.millrace.yaml.Scalars;
import dev.millrace.yaml.Suggestion;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** The options that say which dead letters are meant. */
final class DeadLetterRule {
    @Option(
            names = "--kind",
            split = ",",
            paramLabel = "KIND",
            description =
                    "Kinds of reasons that a message may have: those of docs/contract.md,"
                            + " malformed, no_image, or unknown (default: any kind).")
    private List<String> kinds = List.of();

    @Option(
            names = "--host",
            split = ",",
            paramLabel = "HOST",
            description =
                    "Hosts that a message may be about: of its image, or of its callback where that"
                            + " failed (default: any host).")
    private List<String> hosts = List.of();

    @Option(
            names = "--older-than",
            paramLabel = "TIME",
            description =
                    "Age since it was sent that a message must have, such as 90m or 48h"
                            + " (default: any age).")
    private Optional<String> age = Optional.empty();

    /** Throws {@link ConfigException} with one line. */
    Rule rule() {
        List<String> known = Rule.allKinds();
        for (String kind : kinds) {
            if (!known.contains(kind)) {
                throw new ConfigException(
                        "--kind: '%s' is not one of %s%s"
                                .formatted(
                                        kind,
                                        String.join(", ", known),
                                        Suggestion.hint(kind, known)));
            }
        }
        Set<String> lower =
                hosts.stream()
                        .map(host -> host.strip().toLowerCase(Locale.ROOT))
                        .collect(Collectors.toSet());
        for (String host : lower) {
            if (host.isEmpty() || host.contains("/")) {
                throw new ConfigException(
                        "--host: '"
                                + host
                                + "' is not a host; write it like images.example.com, without"
                                + " http:// or a path");
            }
        }
        return new Rule(
                Set.copyOf(kinds),
                lower,
                // By the wall clock, which the queue's time is of.
                age.map(text -> Instant.now().minus(time("--older-than", text))));
    }

    static Duration time(String option, String text) {
        try {
            return Scalars.duration(text);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(option + ": '" + text + "' " + e.getMessage());
        }
    }
}
