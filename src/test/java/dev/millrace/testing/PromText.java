package dev.millrace.testing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Prometheus text, read as Prometheus reads it, and what {@code promtool check metrics} would say
 * of it: the rules of its linter ({@code promlint}), one by one.
 */
public final class PromText {
    private static final Pattern SAMPLE =
            Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("([^=,]+)=\"((?:[^\"\\\\]|\\\\.)*)\",?");
    private static final Pattern CAMEL = Pattern.compile("[a-z][A-Z]");

    private static final List<String> PREFIXES =
            List.of(
                    "pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo",
                    "kibi", "mega", "mibi", "giga", "gibi", "tera", "tebi", "peta", "pebi");
    private static final List<String> BASE_UNITS =
            List.of(
                    "amperes", "bytes", "celsius", "grams", "joules", "kelvin", "meters", "metres",
                    "seconds", "volts");
    private static final List<String> OTHER_UNITS =
            List.of(
                    "minutes",
                    "hours",
                    "days",
                    "weeks",
                    "kelvins",
                    "fahrenheit",
                    "rankine",
                    "inches",
                    "yards",
                    "miles",
                    "bits",
                    "calories",
                    "pounds",
                    "ounces");
    private static final List<String> ABBREVIATIONS =
            List.of("s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d");
    private static final List<String> TYPES = List.of("counter", "gauge", "summary", "histogram");

    private final Map<String, Family> families = new LinkedHashMap<>();

    /** A metric with all its series. */
    public record Family(String name, String type, String help, List<Sample> samples) {}

    /** One line with a value. */
    public record Sample(String name, Map<String, String> labels, double value) {}

    public PromText(String text) {
        Map<String, String> helps = new TreeMap<>();
        Map<String, String> types = new TreeMap<>();
        for (String line : text.lines().toList()) {
            String[] words = line.split(" ", 4);
            if (line.startsWith("# HELP ")) {
                helps.put(words[2], words.length > 3 ? words[3] : "");
            } else if (line.startsWith("# TYPE ")) {
                types.put(words[2], words[3]);
                family(words[2], types, helps);
            } else if (!line.startsWith("#") && !line.isBlank()) {
                sample(line, types, helps);
            }
        }
    }

    private Family family(String name, Map<String, String> types, Map<String, String> helps) {
        return families.computeIfAbsent(
                name,
                _ ->
                        new Family(
                                name,
                                types.getOrDefault(name, "untyped"),
                                helps.getOrDefault(name, ""),
                                new ArrayList<>()));
    }

    private void sample(String line, Map<String, String> types, Map<String, String> helps) {
        Matcher parts = SAMPLE.matcher(line);
        if (!parts.matches()) {
            throw new AssertionError("no sample of Prometheus: " + line);
        }
        Map<String, String> labels = new TreeMap<>();
        if (parts.group(2) != null) {
            Matcher label = LABEL.matcher(parts.group(2));
            while (label.find()) {
                labels.put(label.group(1), label.group(2));
            }
        }
        String name = parts.group(1);
        String base = name.replaceAll("_(bucket|sum|count)$", "");
        String of = types.getOrDefault(base, "").matches("histogram|summary") ? base : name;
        String value = parts.group(3).replace("+Inf", "Infinity");
        family(of, types, helps).samples().add(new Sample(name, labels, Double.parseDouble(value)));
    }

    public List<Family> families() {
        return List.copyOf(families.values());
    }

    /** The sum of all series of this name with these labels, given as names and values by turns. */
    public double value(String name, String... labels) {
        return samples(name, labels).mapToDouble(Sample::value).sum();
    }

    /** The series of this name with these labels, given as names and values by turns. */
    public Stream<Sample> samples(String name, String... labels) {
        Map<String, String> wanted = new TreeMap<>();
        for (int i = 0; i < labels.length; i += 2) {
            wanted.put(labels[i], labels[i + 1]);
        }
        return families.values().stream()
                .flatMap(family -> family.samples().stream())
                .filter(sample -> sample.name().equals(name))
                .filter(sample -> sample.labels().entrySet().containsAll(wanted.entrySet()));
    }

    /** What the linter says of the metrics whose names begin so. */
    public List<String> problems(String prefix) {
        List<String> problems = new ArrayList<>();
        for (Family family : families.values()) {
            if (family.name().startsWith(prefix)) {
                problems(family).forEach(what -> problems.add(family.name() + ": " + what));
            }
        }
        return problems;
    }

    private static List<String> problems(Family family) {
        String name = family.name().toLowerCase(Locale.ROOT);
        List<String> problems = new ArrayList<>();
        say(problems, family.help().isEmpty(), "no help text");
        for (String word : name.split("_")) {
            say(problems, isOtherUnit(word), "a unit that is no base unit: " + word);
        }
        boolean counter = family.type().equals("counter");
        say(
                problems,
                counter != name.endsWith("_total"),
                "_total is for counters, and all of them");
        boolean histogram = family.type().equals("histogram");
        boolean counted = histogram || family.type().equals("summary");
        say(problems, !histogram && name.endsWith("_bucket"), "_bucket is for histograms");
        say(problems, !counted && name.endsWith("_count"), "_count is for histograms");
        say(problems, !counted && name.endsWith("_sum"), "_sum is for histograms");
        for (String type : TYPES) {
            say(problems, contains(name, type), "the type in the name");
        }
        for (String unit : ABBREVIATIONS) {
            say(problems, contains(name, unit), "an abbreviated unit");
        }
        say(problems, name.contains(":"), "a colon");
        say(problems, CAMEL.matcher(family.name()).find(), "camelCase");
        for (Sample sample : family.samples()) {
            for (String label : sample.labels().keySet()) {
                say(problems, CAMEL.matcher(label).find(), "camelCase in a label");
                say(problems, !histogram && label.equals("le"), "le is for histograms");
                say(problems, label.equals("quantile") && !counted, "quantile is for summaries");
            }
        }
        return problems;
    }

    private static void say(List<String> problems, boolean wrong, String what) {
        if (wrong && !problems.contains(what)) {
            problems.add(what);
        }
    }

    private static boolean contains(String name, String word) {
        return name.contains("_" + word + "_") || name.endsWith("_" + word);
    }

    private static boolean isOtherUnit(String word) {
        return OTHER_UNITS.contains(word)
                || PREFIXES.stream()
                        .filter(word::startsWith)
                        .map(prefix -> word.substring(prefix.length()))
                        .anyMatch(unit -> BASE_UNITS.contains(unit) || OTHER_UNITS.contains(unit));
    }
}
