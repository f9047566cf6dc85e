package dev.millrace.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How single values are written. Each method throws {@link IllegalArgumentException} whose message
 * goes on after the value: what is wrong with it and what to write instead.
 */
final class Scalars {
    private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(ms|s|m|h)");
    private static final Map<String, ChronoUnit> TIMES =
            Map.of(
                    "ms", ChronoUnit.MILLIS,
                    "s", ChronoUnit.SECONDS,
                    "m", ChronoUnit.MINUTES,
                    "h", ChronoUnit.HOURS);

    private static final Pattern SIZE = Pattern.compile("(\\d+)\\s*(B|KiB|MiB|GiB|)");
    private static final List<String> SIZES = List.of("B", "KiB", "MiB", "GiB");

    private static final Pattern FRACTION = Pattern.compile("(\\d{1,9})\\s*/\\s*([1-9]\\d{0,8})");

    private Scalars() {}

    static Duration duration(String value) {
        Matcher form = form(DURATION, value, "is not a duration; write it like 1500ms, 60s or 5m");
        return Duration.of(amount(form), TIMES.get(form.group(2)));
    }

    static long bytes(String value, long most) {
        Matcher form = form(SIZE, value, "is not a size; write it like 20MiB or 1GiB");
        long bytes = amount(form) << 10 * Math.max(0, SIZES.indexOf(form.group(2)));
        require(bytes >= 1 && bytes <= most, "must be from 1B to " + most + "B");
        return bytes;
    }

    static int integer(String value, int least, int most) {
        long number = value.matches("-?\\d{1,10}") ? Long.parseLong(value) : Long.MAX_VALUE;
        require(
                number >= least && number <= most,
                "must be a whole number from " + least + " to " + most);
        return (int) number;
    }

    static boolean bool(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on" -> true;
            case "false", "no", "off" -> false;
            default -> throw new IllegalArgumentException("must be true or false");
        };
    }

    /** The place of one of these words. */
    static int choice(String value, List<String> words) {
        require(
                words.contains(value),
                "must be one of " + String.join(", ", words) + Suggestion.hint(value, words));
        return words.indexOf(value);
    }

    /** A number, or a fraction such as {@code 1/255}. */
    static double number(JsonNode value) {
        double number = value.isNumber() ? value.asDouble() : Double.NaN;
        Matcher fraction = FRACTION.matcher(value.asText());
        if (fraction.matches()) {
            number = Double.parseDouble(fraction.group(1)) / Double.parseDouble(fraction.group(2));
        }
        require(Double.isFinite(number), "is no number; write it like 0.5 or 1/255");
        return number;
    }

    private static Matcher form(Pattern pattern, String value, String remedy) {
        Matcher form = pattern.matcher(value);
        require(form.matches(), remedy);
        return form;
    }

    private static long amount(Matcher form) {
        require(form.group(1).length() <= 9, "is too large");
        return Long.parseLong(form.group(1));
    }

    private static void require(boolean right, String remedy) {
        if (!right) {
            throw new IllegalArgumentException(remedy);
        }
    }
}
