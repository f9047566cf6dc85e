package dev.millrace.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WorkerProfileTest {
    @Test
    void threadsSpinOnlyForLatencyAndWhereCoresAreMany() {
        assertTrue(WorkerProfile.LATENCY.spin(8).isPositive());
        assertEquals(Duration.ZERO, WorkerProfile.LATENCY.spin(2));
        assertEquals(Duration.ZERO, WorkerProfile.THROUGHPUT.spin(64));
    }

    @Test
    void theDriverOfAGpuSpinsForLatency() {
        assertTrue(WorkerProfile.LATENCY.gpuSpins());
        assertFalse(WorkerProfile.THROUGHPUT.gpuSpins());
    }

    @Test
    void receiversOfACrowdedWorkerWaitInBothProfiles() {
        assertEquals(Duration.ZERO, WorkerProfile.LATENCY.patience(false));
        assertTrue(WorkerProfile.LATENCY.patience(true).isPositive());
        assertTrue(WorkerProfile.THROUGHPUT.patience(false).isPositive());
    }
}
