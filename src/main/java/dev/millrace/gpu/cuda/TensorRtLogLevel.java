package dev.millrace.gpu.cuda;

import dev.millrace.gpu.DeviceException;
import java.util.Locale;
import java.util.Map;

/** How much of TensorRT's log is shown: what has this level, and all before it. */
enum TensorRtLogLevel {
    ERROR,
    WARNING,
    INFO,
    VERBOSE;

    static final String VARIABLE = "MILLRACE_TENSORRT_LOG";

    /** What the variable says. Throws {@link DeviceException}, one line, where it is no level. */
    static TensorRtLogLevel fromEnvironment() {
        return of(System.getenv());
    }

    static TensorRtLogLevel of(Map<String, String> environment) {
        String said = environment.getOrDefault(VARIABLE, "").strip();
        if (said.isEmpty()) {
            return WARNING;
        }
        for (TensorRtLogLevel level : values()) {
            if (level.name().equalsIgnoreCase(said)) {
                return level;
            }
        }
        throw new DeviceException(
                "%s: '%s' must be error, warning, info or verbose"
                        .formatted(VARIABLE, said.toLowerCase(Locale.ROOT)));
    }

    boolean shows(TensorRtLogLevel other) {
        return other.compareTo(this) <= 0;
    }
}
