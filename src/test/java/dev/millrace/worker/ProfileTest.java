package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProfileTest {
    @Test
    void threadsSpinOnlyForLatencyAndWhereCoresAreMany() {
        assertTrue(Profile.LATENCY.spin(8).isPositive());
        assertEquals(Duration.ZERO, Profile.LATENCY.spin(2));
        assertEquals(Duration.ZERO, Profile.THROUGHPUT.spin(64));
    }

    @Test
    void theDriverOfAGpuSpinsForLatency() {
        assertTrue(Profile.LATENCY.gpuSpins());
        assertFalse(Profile.THROUGHPUT.gpuSpins());
    }

    @Test
    void receiversOfACrowdedWorkerWaitInBothProfiles() {
        assertEquals(Duration.ZERO, Profile.LATENCY.patience(false));
        assertTrue(Profile.LATENCY.patience(true).isPositive());
        assertTrue(Profile.THROUGHPUT.patience(false).isPositive());
    }
}
