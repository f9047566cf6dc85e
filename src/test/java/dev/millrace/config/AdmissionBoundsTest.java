package dev.millrace.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.config.WorkerConfig.AdmissionBounds;
import org.junit.jupiter.api.Test;

class AdmissionBoundsTest {
    @Test
    void asManyMessagesAsAQuarterOfTheHeapHolds() {
        assertEquals(1536, AdmissionBounds.of(384L << 20).messages());
        assertEquals(256, AdmissionBounds.of(32L << 20).messages());
        assertEquals(16_384, AdmissionBounds.of(64L << 30).messages());
    }

    @Test
    void aThirdOfTheHeapForBytes() {
        assertEquals(128L << 20, AdmissionBounds.of(384L << 20).bytes());
        assertEquals(256L << 20, AdmissionBounds.of(64L << 30).bytes());
    }
}
