package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.gpu.DeviceException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TensorRtLogLevelTest {
    private static TensorRtLogLevel of(String said) {
        return TensorRtLogLevel.of(Map.of("MILLRACE_TENSORRT_LOG", said));
    }

    @Test
    void aLevelShowsWhatStandsBeforeIt() {
        assertEquals(TensorRtLogLevel.WARNING, TensorRtLogLevel.of(Map.of()));
        assertEquals(TensorRtLogLevel.VERBOSE, of("Verbose"));
        assertTrue(of("verbose").shows(TensorRtLogLevel.INFO));
        assertFalse(of("info").shows(TensorRtLogLevel.VERBOSE));
        assertFalse(of("error").shows(TensorRtLogLevel.WARNING));
    }

    @Test
    void anythingElseIsOneLine() {
        assertEquals(
                "MILLRACE_TENSORRT_LOG: 'loud' must be error, warning, info or verbose",
                assertThrows(DeviceException.class, () -> of("loud")).getMessage());
    }
}
