package dev.millrace.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.millrace.config.ConfigException;
import dev.millrace.testing.Child;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What {@code MILLRACE_LOG_LEVEL} says. */
class LogLevelsTest {
    @TempDir private Path folder;

    @Test
    void aLevelIsThePrograms() {
        assertEquals(Map.of(), LogLevels.parse(""));
        assertEquals(Map.of("dev.millrace", Level.DEBUG), LogLevels.parse(" debug "));
        assertEquals(
                Map.of(
                        "dev.millrace", Level.WARN,
                        "dev.millrace.source", Level.DEBUG,
                        "org.eclipse.jetty", Level.OFF),
                LogLevels.parse("WARN, dev.millrace.source=debug,org.eclipse.jetty=Off,"));
    }

    @Test
    void aLoggersLevelIsSet() {
        LogLevels.set("test.of.levels=ERROR");
        assertEquals(Level.ERROR, ((Logger) LoggerFactory.getLogger("test.of.levels")).getLevel());
    }

    @ParameterizedTest
    @ValueSource(strings = {"LOUD", "INFO;DEBUG", "=INFO", "a=", "a b=INFO", "INFO,source"})
    void whatIsNoLevelIsOneLine(String wrong) {
        ConfigException mistake = assertThrows(ConfigException.class, () -> LogLevels.parse(wrong));
        assertEquals(1, mistake.getMessage().lines().count());
        assertTrue(mistake.getMessage().startsWith("MILLRACE_LOG_LEVEL: '"), mistake.getMessage());
    }

    @Test
    void aCommandEndsWithThatLine() throws Exception {
        Child.End end =
                Child.run(
                        Millrace.class,
                        folder,
                        List.of("--version"),
                        System.getProperty("java.class.path"),
                        Map.of("MILLRACE_LOG_LEVEL", "LOUD"));
        assertEquals(Millrace.MISTAKE, end.exit(), end.complained());
        assertEquals("", end.said());
        assertEquals(1, end.complained().lines().count(), end.complained());
        assertTrue(
                end.complained().startsWith("millrace: MILLRACE_LOG_LEVEL: 'LOUD' is not a level"),
                end.complained());
    }
}
