package dev.millrace.cli;

import dev.millrace.yaml.Scalars;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the times of options as those of the configuration are written. */
final class Times implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String value) {
        try {
            return Scalars.duration(value);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException("'" + value + "' " + e.getMessage());
        }
    }
}
