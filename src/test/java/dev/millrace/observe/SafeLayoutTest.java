package dev.millrace.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SafeLayoutTest {
    @Test
    void aLineHoldsNeitherControlsNorSecrets() {
        LoggerContext context = new LoggerContext();
        SafeLayout layout = new SafeLayout();
        layout.setContext(context);
        layout.setPattern("%level %msg%n");
        layout.start();
        LoggingEvent event =
                new LoggingEvent(
                        "",
                        context.getLogger("a"),
                        Level.WARN,
                        "host \u009b31m\u202e of http://me:hunter2@host/ is down",
                        new IOException("\u001b]0;title\u0007 of https://me:hunter2@host/"),
                        null);
        String line = layout.doLayout(event);
        assertTrue(
                line.startsWith("WARN host \\u009b31m\\u202e of http://…@host/ is down\n"), line);
        assertFalse(line.contains("hunter2"), line);
        assertTrue(line.contains("\\u001b]0;title\\u0007 of https://…@host/"), line);
        assertFalse(
                line.chars().anyMatch(c -> c != '\n' && c != '\t' && Character.isISOControl(c)),
                line);
    }

    /** No appender writes past it. */
    @Test
    void eachPatternOfTheConfigurationIsOfThisLayout() throws IOException {
        String xml =
                new String(
                        SafeLayout.class.getResourceAsStream("/logback.xml").readAllBytes(),
                        StandardCharsets.UTF_8);
        assertEquals(2, xml.split("<pattern>", -1).length - 1);
        assertEquals(2, xml.split("SafeLayout\">\\s*<pattern>", -1).length - 1);
    }
}
