package dev.millrace.gpu;

/** A call to the device failed. The message names the call and what to do. */
public final class DeviceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean sticky;

    public DeviceException(String message, boolean sticky) {
        super(message);
        this.sticky = sticky;
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
