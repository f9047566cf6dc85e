package dev.millrace.observe;

import dev.millrace.deliver.OutputClosedException;
import dev.millrace.duty.OverdueException;
import dev.millrace.gpu.DeviceException;
import java.util.Locale;

/** Why a worker cannot go on, in the few kinds that an operator acts upon differently. */
public enum FaultReason {
    /** The device failed in a way that it does not come back from within this process. */
    DEVICE_LOST,
    /** A batch was not done within {@code device.batchTimeout}. */
    BATCH_OVERDUE,
    /** Nobody reads the standard output that the results go to. */
    OUTPUT_CLOSED,
    /** A thread of the worker ended, or stands still for longer than {@code watchdog}. */
    THREAD_FAILED;

    public static FaultReason of(Throwable why) {
        return switch (said(why)) {
            case DeviceException _ -> DEVICE_LOST;
            case OverdueException _ -> BATCH_OVERDUE;
            case OutputClosedException _ -> OUTPUT_CLOSED;
            default -> THREAD_FAILED;
        };
    }

    /**
     * What to tell of it: where a thread stood when the device failed is no matter of the device.
     */
    public static Throwable said(Throwable why) {
        return why.getCause() instanceof DeviceException lost ? lost : why;
    }

    /** The name in metrics and in the state directory. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
