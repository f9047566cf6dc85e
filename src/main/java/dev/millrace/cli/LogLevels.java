package dev.millrace.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import dev.millrace.config.ConfigException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;

/**
 * What {@code MILLRACE_LOG_LEVEL} says: a level for the program's own loggers, and levels for some
 * of them or for libraries, such as {@code INFO,dev.millrace.source=DEBUG,okhttp3=OFF}.
 */
final class LogLevels {
    static final String VARIABLE = "MILLRACE_LOG_LEVEL";

    private static final String OWN = "dev.millrace";
    private static final Pattern ENTRY =
            Pattern.compile("(?:([A-Za-z_$][\\w$.-]*)=)?(TRACE|DEBUG|INFO|WARN|ERROR|OFF)");

    private LogLevels() {}

    /** Sets them where the variable is set; throws {@link ConfigException} with one line. */
    static void set(String variable) {
        Map<String, Level> levels = parse(variable == null ? "" : variable);
        if (!levels.isEmpty()
                && LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            levels.forEach((name, level) -> context.getLogger(name).setLevel(level));
        }
    }

    /** Levels by the names of loggers; throws {@link ConfigException} with one line. */
    static Map<String, Level> parse(String variable) {
        Map<String, Level> levels = new LinkedHashMap<>();
        for (String entry : variable.strip().split("\\s*,\\s*")) {
            if (entry.isEmpty()) {
                continue;
            }
            int name = entry.indexOf('=') + 1;
            String upper =
                    entry.substring(0, name) + entry.substring(name).toUpperCase(Locale.ROOT);
            Matcher matcher = ENTRY.matcher(upper);
            if (!matcher.matches()) {
                throw new ConfigException(
                        "%s: '%s' is not a level; give TRACE, DEBUG, INFO, WARN, ERROR or OFF, and others for some loggers, such as INFO,dev.millrace.source=DEBUG"
                                .formatted(VARIABLE, entry));
            }
            String logger = matcher.group(1);
            levels.put(logger == null ? OWN : logger, Level.valueOf(matcher.group(2)));
        }
        return levels;
    }
}
