package dev.millrace.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.millrace.testing.LogLines;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** A defect that each image meets is a line a minute, and shows its trace once. */
class BugLogTest {
    private static final String NAME = "dev.millrace.test.bugs";

    private final BugLog bugs = new BugLog(LoggerFactory.getLogger(NAME), Level.WARN);

    private static RuntimeException here(String message) {
        return new IllegalStateException(message);
    }

    private static RuntimeException there(String message) {
        return new IllegalStateException(message);
    }

    private static RuntimeException withoutTrace() {
        return new RuntimeException("bare", null, false, false) {
            private static final long serialVersionUID = 1L;
        };
    }

    private void say(int number, RuntimeException bug, long second) {
        bugs.say("the module", "m" + number, bug, TimeUnit.SECONDS.toNanos(second));
    }

    @Test
    void onceWithItsTraceThenALineAMinute() {
        try (LogLines log = new LogLines(NAME)) {
            for (int i = 0; i < 130; i++) {
                say(i, here("bad " + i), i);
            }
            assertEquals(
                    List.of(
                            "the module failed for m0: IllegalStateException: bad 0",
                            "the module failed 60 times in the last 60 s with the same error, last for m60: IllegalStateException: bad 60",
                            "the module failed 60 times in the last 60 s with the same error, last for m120: IllegalStateException: bad 120"),
                    log.lines());
            assertNotNull(log.events().getFirst().getThrowableProxy());
            assertNull(log.events().getLast().getThrowableProxy());
        }
    }

    @Test
    void eachPlaceHasItsOwnTrace() {
        try (LogLines log = new LogLines(NAME)) {
            say(1, here("a"), 0);
            say(2, there("a"), 0);
            say(3, here("a"), 1);
            say(4, withoutTrace(), 1);
            say(5, withoutTrace(), 1);
            bugs.say("another module", "m6", here("a"), 0);
            assertEquals(
                    List.of("m1", "m2", "m4", "m6"),
                    log.lines().stream()
                            .map(line -> line.replaceAll(".* (m\\d).*", "$1"))
                            .toList());
        }
    }

    /** Whoever wrote the exception wrote its methods as well. */
    @Test
    void anExceptionThatCannotBeReadIsALine() {
        try (LogLines log = new LogLines(NAME)) {
            for (int i = 0; i < 2; i++) {
                say(
                        i,
                        new RuntimeException() {
                            private static final long serialVersionUID = 1L;

                            @Override
                            public String getMessage() {
                                throw new IllegalStateException();
                            }

                            @Override
                            public StackTraceElement[] getStackTrace() {
                                throw new IllegalStateException();
                            }
                        },
                        0);
            }
            assertEquals(
                    List.of("the module failed for m0: : its message cannot be read"), log.lines());
        }
    }

    @Test
    void fromVeryManyPlacesItIsStillFewLines() {
        try (LogLines log = new LogLines(NAME)) {
            for (int i = 0; i < 1000; i++) {
                RuntimeException bug = here("a");
                bug.setStackTrace(
                        new StackTraceElement[] {new StackTraceElement("A", "a", "A.java", i)});
                say(i, bug, 0);
            }
            List<ILoggingEvent> said = log.events();
            assertTrue(said.size() <= 65, said.size() + " lines");
        }
    }
}
