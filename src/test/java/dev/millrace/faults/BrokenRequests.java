package dev.millrace.faults;

import dev.millrace.source.RequestParserFuzz;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongFunction;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Breaks the inputs that are kept for {@link RequestParserFuzz}, and gives it each: values are
 * exchanged for random numbers, texts, lists and each other, parts are repeated, left out or
 * joined. It starts from inputs without what it is to find: no large exponents, no halves of
 * characters.
 */
public final class BrokenRequests implements LongFunction<String> {
    static final int INPUTS = 5_000;

    private static final Path KEPT = Path.of("src/test/resources/fuzz/RequestParserFuzz");
    private static final Pattern ONCE_HARMFUL =
            Pattern.compile("[0-9][eE][-+]?[0-9]{4}|\\\\u[dD][89a-fA-F]");
    private static final Pattern VALUE =
            Pattern.compile(
                    "\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\"|-?[0-9][0-9.eE+-]*|true|false|null");
    private static final String[] TOKENS = {
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud83d", "\ud83d", "\0", "\n", "-", ".",
        "e", "NaN", "//", "'", "\ufeff", "null"
    };

    private final List<String> seeds = seeds();

    private static List<String> seeds() {
        try (Stream<Path> files = Files.list(KEPT)) {
            List<String> seeds = new ArrayList<>();
            for (Path file : files.sorted().toList()) {
                String seed = Files.readString(file, StandardCharsets.ISO_8859_1);
                if (!ONCE_HARMFUL.matcher(seed).find()) {
                    seeds.add(seed);
                }
            }
            return seeds;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first input that is neither taken nor refused by name, and what came of it; or "". */
    @Override
    public String apply(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < INPUTS; i++) {
            String body = any(random);
            for (int times = 1 + random.nextInt(3); times > 0; times--) {
                body = broken(body, random);
            }
            try {
                RequestParserFuzz.fuzzerTestOneInput(body.getBytes(StandardCharsets.UTF_8));
            } catch (RuntimeException | Error e) {
                return "input %d, %s: %s".formatted(i, e, body);
            }
        }
        return "";
    }

    private String any(SplittableRandom random) {
        return seeds.get(random.nextInt(seeds.size()));
    }

    private String broken(String body, SplittableRandom random) {
        int from = random.nextInt(body.length() + 1);
        int to = Math.min(body.length(), from + random.nextInt(40));
        String head = body.substring(0, from);
        return switch (random.nextInt(8)) {
            case 0 -> head + body.substring(to);
            case 1 ->
                    head + body.substring(from, to).repeat(random.nextInt(60)) + body.substring(to);
            case 2 -> {
                String other = any(random);
                yield head + other.substring(random.nextInt(other.length() + 1));
            }
            case 3 -> head + TOKENS[random.nextInt(TOKENS.length)] + body.substring(from);
            default -> exchanged(body, random);
        };
    }

    /** One of its values is another. */
    private static String exchanged(String body, SplittableRandom random) {
        List<MatchResult> values = VALUE.matcher(body).results().toList();
        if (values.isEmpty()) {
            return body;
        }
        MatchResult one = values.get(random.nextInt(values.size()));
        String value =
                switch (random.nextInt(5)) {
                    case 0, 1 -> number(random);
                    case 2 -> '"' + TOKENS[random.nextInt(TOKENS.length)].repeat(3) + '"';
                    case 3 -> "[".repeat(random.nextInt(50)) + number(random);
                    default -> values.get(random.nextInt(values.size())).group();
                };
        return body.substring(0, one.start()) + value + body.substring(one.end());
    }

    /** Any that JSON knows, with or without fraction and exponent. */
    private static String number(SplittableRandom random) {
        String fraction = random.nextBoolean() ? "" : "." + digits(random);
        String sign = random.nextBoolean() ? "" : "-";
        String exponent = random.nextBoolean() ? "" : "e" + sign + digits(random);
        return (random.nextBoolean() ? "-" : "") + digits(random) + fraction + exponent;
    }

    private static String digits(SplittableRandom random) {
        return IntStream.range(0, 1 + random.nextInt(30))
                .mapToObj(i -> String.valueOf(1 + random.nextInt(9)))
                .collect(Collectors.joining());
    }
}
