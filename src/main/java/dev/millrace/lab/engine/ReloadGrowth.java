package dev.millrace.lab.engine;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/**
 * What reloads leave behind: the slope between {@code times} and twice as many. What libraries keep
 * for good is taken by the first ones and is no leak.
 *
 * @param times reloads between two readings
 */
record ReloadGrowth(int times, Used before, Used once, Used twice) {
    /** Of the device; what an allocator may hold back by chance. */
    private static final long DEVICE_BYTES = 1 << 20;

    /**
     * One reading.
     *
     * @param device bytes of its memory in use
     * @param resident bytes of the process in the host's memory
     */
    record Used(long device, long resident) {}

    long deviceBytesEach() {
        return (twice.device() - once.device()) / times;
    }

    long residentBytesEach() {
        return (twice.resident() - once.resident()) / times;
    }

    /**
     * Whether the device's memory comes back. The process's is told and not judged: its own parts
     * move by megabytes.
     */
    boolean isFlat() {
        return twice.device() - once.device() <= DEVICE_BYTES;
    }

    /** For a person. */
    String words() {
        return String.format(
                Locale.ROOT,
                "%d and then %d reloads: %.1f KiB of the GPU's memory and %.1f KiB of the process"
                        + " lost with each",
                times,
                times,
                deviceBytesEach() / 1024.0,
                residentBytesEach() / 1024.0);
    }

    ObjectNode json() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("times", times)
                .put("device_bytes_before", before.device())
                .put("device_bytes_after_n", once.device())
                .put("device_bytes_after_2n", twice.device())
                .put("device_bytes_per_reload", deviceBytesEach())
                .put("resident_bytes_before", before.resident())
                .put("resident_bytes_after_n", once.resident())
                .put("resident_bytes_after_2n", twice.resident())
                .put("resident_bytes_per_reload", residentBytesEach());
    }
}
