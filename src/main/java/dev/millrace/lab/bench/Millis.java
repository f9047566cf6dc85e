package dev.millrace.lab.bench;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Durations as people write them: {@code 100ms}, {@code 20s}. */
public final class Millis implements ITypeConverter<Duration> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,9})(ms|s)");

    @Override
    public Duration convert(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches()) {
            throw new TypeConversionException(
                    "'" + text + "' is not a time; write it like 100ms or 20s");
        }
        long amount = Long.parseLong(form.group(1));
        return form.group(2).equals("s") ? Duration.ofSeconds(amount) : Duration.ofMillis(amount);
    }

    public static String text(Duration duration) {
        long millis = duration.toMillis();
        return millis > 0 && millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }
}
