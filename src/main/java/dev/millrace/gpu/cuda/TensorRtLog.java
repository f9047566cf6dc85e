package dev.millrace.gpu.cuda;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.bytedeco.tensorrt.nvinfer.ILogger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What TensorRT says, in our log, as much of it as {@code MILLRACE_TENSORRT_LOG} wants. It is
 * called by any thread of TensorRT's, for as long as anything of TensorRT lives, so there is one
 * and it is never freed.
 */
final class TensorRtLog extends ILogger {
    private static final Logger LOG = LoggerFactory.getLogger("tensorrt");
    private static final TensorRtLogLevel LEVEL = TensorRtLogLevel.fromEnvironment();
    private static final AtomicReference<String> LAST_ERROR = new AtomicReference<>("");
    private static final AtomicReference<Consumer<String>> LISTENER =
            new AtomicReference<>(message -> {});

    /** The strong reference that keeps the native side's callback alive. */
    static final TensorRtLog INSTANCE = new TensorRtLog();

    private TensorRtLog() {}

    /** The last error since the last call, one line, empty where there was none. */
    static String takeError() {
        return LAST_ERROR.getAndSet("");
    }

    /**
     * Tells {@code listener} what TensorRT reports as information, such as the phases of a build.
     */
    static void listen(Consumer<String> listener) {
        LISTENER.set(listener);
    }

    @Override
    public void log(Severity severity, String message) {
        try {
            forward(severity.intern(), message);
        } catch (RuntimeException e) {
            // An exception must not travel through TensorRT's frames, which allow none.
            LOG.warn("a message of TensorRT was lost: {}", e.toString());
        }
    }

    private static void forward(Severity severity, String message) {
        switch (severity) {
            case kINTERNAL_ERROR, kERROR -> {
                LAST_ERROR.set(message.lines().findFirst().orElse(""));
                LOG.error("{}{}", message, CudaErrors.remedyOf(message));
            }
            case kWARNING -> {
                if (LEVEL.shows(TensorRtLogLevel.WARNING)) {
                    LOG.warn("{}{}", message, CudaErrors.remedyOf(message));
                }
            }
            case kINFO -> {
                if (LEVEL.shows(TensorRtLogLevel.INFO)) {
                    LOG.info("{}", message);
                }
                LISTENER.get().accept(message);
            }
            case kVERBOSE -> {
                if (LEVEL.shows(TensorRtLogLevel.VERBOSE)) {
                    LOG.info("verbose: {}", message);
                }
            }
        }
    }
}
