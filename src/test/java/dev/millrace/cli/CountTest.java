package dev.millrace.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CountTest {
    @ParameterizedTest
    @CsvSource({"0, 0 messages", "1, 1 message", "2, 2 messages", "-1, -1 messages"})
    void onlyOneIsSingular(long number, String said) {
        assertEquals(said, Count.of(number, "message"));
    }
}
