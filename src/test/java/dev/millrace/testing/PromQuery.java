package dev.millrace.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The metrics and labels that a query of Prometheus names. Good for the queries of this project,
 * whose syntax {@code promtool} checks.
 *
 * @param selectors each metric with its matchers
 * @param groups labels that the query groups or joins by
 */
public record PromQuery(List<Selector> selectors, Set<String> groups) {
    private static final Pattern GROUP =
            Pattern.compile("\\b(by|on|without|ignoring|group_left|group_right)\\s*\\(([^)]*)\\)");
    private static final Pattern TIMES =
            Pattern.compile("\\[[^\\]]*]|\\boffset\\s+\\w+|\\b(and|or|unless|bool)\\b");
    private static final Pattern SELECTOR =
            Pattern.compile("(?<![\\w.\"$])([a-zA-Z_][\\w:]*)\\b(?!\\s*\\()\\s*(\\{[^}]*})?");
    private static final Pattern MATCHER =
            Pattern.compile("(\\w+)\\s*(=~|!~|!=|=)\\s*\"([^\"]*)\"");

    /** What Prometheus itself adds to each series that it scrapes, and the ranges of histograms. */
    private static final Set<String> ADDED = Set.of("job", "instance", "le");

    /** A metric, and what is asked of its labels. */
    public record Selector(String metric, List<Match> matches) {}

    /** One condition on a label; a variable of a dashboard stands for any value. */
    public record Match(String label, String operator, String value) {
        boolean holdsFor(PromText.Sample sample) {
            String is = sample.labels().getOrDefault(label, "");
            return switch (operator) {
                case "=" -> is.equals(value);
                case "=~" -> value.contains("$") || is.matches(value);
                default -> true;
            };
        }
    }

    public static PromQuery of(String query) {
        Set<String> groups = new TreeSet<>();
        GROUP.matcher(query)
                .results()
                .flatMap(group -> Stream.of(group.group(2).split("[,\\s]+")))
                .filter(label -> !label.isEmpty())
                .forEach(groups::add);
        String bare = TIMES.matcher(GROUP.matcher(query).replaceAll(" ")).replaceAll(" ");
        List<Selector> selectors = new ArrayList<>();
        Matcher found = SELECTOR.matcher(bare);
        while (found.find()) {
            String matchers = found.group(2) == null ? "" : found.group(2);
            selectors.add(
                    new Selector(
                            found.group(1),
                            MATCHER.matcher(matchers)
                                    .results()
                                    .map(m -> new Match(m.group(1), m.group(2), m.group(3)))
                                    .toList()));
        }
        return new PromQuery(List.copyOf(selectors), groups);
    }

    /**
     * What it names that a worker does not export.
     *
     * @param own metrics of Prometheus itself
     */
    public List<String> unknown(List<PromText> scrapes, Set<String> own) {
        List<String> unknown = new ArrayList<>();
        Set<String> labels = new TreeSet<>(ADDED);
        for (Selector selector : selectors) {
            List<PromText.Sample> samples =
                    scrapes.stream().flatMap(one -> one.samples(selector.metric())).toList();
            samples.forEach(sample -> labels.addAll(sample.labels().keySet()));
            if (own.contains(selector.metric())) {
                continue;
            }
            if (samples.isEmpty()) {
                unknown.add(selector.metric());
                continue;
            }
            for (Match match : selector.matches()) {
                boolean known =
                        ADDED.contains(match.label())
                                || samples.stream().anyMatch(match::holdsFor)
                                        && samples.stream()
                                                .anyMatch(
                                                        s -> s.labels().containsKey(match.label()));
                if (!known) {
                    unknown.add(
                            selector.metric()
                                    + "{"
                                    + match.label()
                                    + match.operator()
                                    + match.value()
                                    + "}");
                }
            }
        }
        groups.stream().filter(group -> !labels.contains(group)).forEach(unknown::add);
        return unknown;
    }
}
