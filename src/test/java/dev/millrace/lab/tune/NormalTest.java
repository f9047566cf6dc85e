package dev.millrace.lab.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class NormalTest {
    @Test
    void hasTheValuesOfTheTables() {
        assertEquals(0.5, Normal.below(0), 1e-7);
        assertEquals(0.8413447, Normal.below(1), 1e-7);
        assertEquals(0.0227501, Normal.below(-2), 1e-7);
        assertEquals(0.9986501, Normal.below(3), 1e-7);
        assertEquals(0.3989423, Normal.density(0), 1e-7);
    }
}
