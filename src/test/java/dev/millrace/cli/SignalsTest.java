package dev.millrace.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SignalsTest {
    private static final long MS = 1_000_000;

    private final List<Integer> asked = new ArrayList<>();
    private final Signals signals = new Signals(asked::add);

    @Test
    void eachSignalIsCountedForItself() {
        signals.heard("TERM", 0);
        signals.heard(Signals.PASSED_ON, MS);
        signals.heard("INT", 2 * MS);
        assertEquals(List.of(1), asked, "one stop, told by three");
        signals.heard("TERM", 600 * MS);
        signals.heard(Signals.PASSED_ON, 601 * MS);
        assertEquals(List.of(1, 2), asked);
    }

    @Test
    void oneThatComesAgainAtOnceIsTheSameStop() {
        signals.heard("TERM", -100 * MS);
        signals.heard("TERM", 50 * MS);
        assertEquals(List.of(1), asked);
        signals.heard("TERM", 350 * MS);
        assertEquals(List.of(1, 2), asked);
    }
}
