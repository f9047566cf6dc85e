package dev.millrace.nativelib;

/**
 * A native library without which nothing runs cannot be loaded. The message is one line: what,
 * where, what to do.
 */
public final class UnloadableLibraryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnloadableLibraryException(String message) {
        super(message);
    }

    /** Of a library that failed to load, with the reason that lies deepest. */
    public static UnloadableLibraryException of(String library, Throwable failure, String remedy) {
        Throwable deepest = failure;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        String reason = String.valueOf(deepest.getMessage()).lines().findFirst().orElse("");
        UnloadableLibraryException e =
                new UnloadableLibraryException(
                        library + "'s native library does not load (" + reason + "); " + remedy);
        e.initCause(failure);
        return e;
    }
}
