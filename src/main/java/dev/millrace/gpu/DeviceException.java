package dev.millrace.gpu;

/** A call to the device failed. The message names the call and what to do. */
public final class DeviceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean sticky;

    /** Of a call after which the device goes on working. */
    public DeviceException(String message) {
        this(message, null);
    }

    /** The same, with what it failed for. */
    public DeviceException(String message, Throwable cause) {
        this(message, false, cause);
    }

    public DeviceException(String message, boolean sticky) {
        this(message, sticky, null);
    }

    public DeviceException(String message, boolean sticky, Throwable cause) {
        super(message, cause);
        this.sticky = sticky;
    }

    /** Whether the device is lost to this process, so that the worker must end. */
    public boolean sticky() {
        return sticky;
    }
}
