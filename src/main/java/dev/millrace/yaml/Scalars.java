package dev.millrace.yaml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How single values are written: parsers for {@link YamlSection#get}. Each throws {@link
 * IllegalArgumentException} whose message goes on after the value: what is wrong with it and what
 * to write instead.
 */
public final class Scalars {
    private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(ms|s|m|h)");
    private static final Map<String, ChronoUnit> TIMES =
            Map.of(
                    "ms", ChronoUnit.MILLIS,
                    "s", ChronoUnit.SECONDS,
                    "m", ChronoUnit.MINUTES,
                    "h", ChronoUnit.HOURS);

    private static final Pattern SIZE = Pattern.compile("(\\d+)\\s*(B|KiB|MiB|GiB|)");
    private static final List<String> SIZES = List.of("B", "KiB", "MiB", "GiB");

    private static final Pattern NUMBER =
            Pattern.compile(
                    "([-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?)(?:\\s*/\\s*([1-9]\\d{0,8}))?");

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private Scalars() {}

    public static Duration duration(String value) {
        Matcher form = form(DURATION, value, "is not a duration; write it like 1500ms, 60s or 5m");
        return Duration.of(amount(form), TIMES.get(form.group(2)));
    }

    public static Function<String, Long> bytes(long most) {
        return value -> {
            Matcher form = form(SIZE, value, "is not a size; write it like 20MiB or 1GiB");
            long bytes = amount(form) << 10 * Math.max(0, SIZES.indexOf(form.group(2)));
            require(bytes >= 1 && bytes <= most, "must be from 1B to " + most + "B");
            return bytes;
        };
    }

    public static Function<String, Integer> integer(int least, int most) {
        return value -> {
            long number = value.matches("-?\\d{1,10}") ? Long.parseLong(value) : Long.MAX_VALUE;
            require(
                    number >= least && number <= most,
                    "must be a whole number from " + least + " to " + most);
            return (int) number;
        };
    }

    public static Boolean bool(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on" -> true;
            case "false", "no", "off" -> false;
            default -> throw new IllegalArgumentException("must be true or false");
        };
    }

    /** A constant by its name in small letters. */
    public static <E extends Enum<E>> Function<String, E> choice(Class<E> type) {
        return choice(type, constant -> constant.name().toLowerCase(Locale.ROOT));
    }

    /** A constant by what {@code word} says of it. */
    public static <E extends Enum<E>> Function<String, E> choice(
            Class<E> type, Function<E, String> word) {
        List<E> constants = List.of(type.getEnumConstants());
        List<String> words = constants.stream().map(word).toList();
        return value -> {
            require(
                    words.contains(value),
                    "must be one of " + String.join(", ", words) + Suggestion.hint(value, words));
            return constants.get(words.indexOf(value));
        };
    }

    public static Function<String, Double> number(double least, double most) {
        return value -> {
            double number = number(value);
            require(
                    number >= least && number <= most,
                    "must be a number from " + least + " to " + most);
            return number;
        };
    }

    /** A number, or a fraction such as {@code 1/255}. */
    static Double number(String value) {
        Matcher form = form(NUMBER, value, "is not a number; write it like 0.5 or 1/255");
        double number = Double.parseDouble(form.group(1));
        number /= form.group(2) == null ? 1 : Double.parseDouble(form.group(2));
        require(Double.isFinite(number), "is not a number; write it like 0.5 or 1/255");
        return number;
    }

    /**
     * What {@code parser} makes of the text.
     *
     * @param remedy of what its {@link IllegalArgumentException} says
     */
    public static <T> Function<String, T> made(
            Function<String, T> parser, UnaryOperator<String> remedy) {
        return value -> {
            try {
                return parser.apply(value);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(remedy.apply(e.getMessage()), e);
            }
        };
    }

    private static Matcher form(Pattern pattern, String value, String remedy) {
        Matcher form = pattern.matcher(value);
        require(form.matches(), remedy);
        return form;
    }

    private static long amount(Matcher form) {
        require(form.group(1).length() <= 9, "is too large; use a number of at most 9 digits");
        return Long.parseLong(form.group(1));
    }

    private static void require(boolean right, String remedy) {
        if (!right) {
            throw new IllegalArgumentException(remedy);
        }
    }

    /** The same text, where it is JSON. */
    static String json(String value) {
        try {
            JSON.readTree(value);
            return value;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("is not JSON; write it like {\"page\": 17}", e);
        }
    }
}
