package dev.millrace.job;

/**
 * Remembers, beyond the end of the process, which message a thread has handed to native code, so
 * that a crash there leaves the message's name behind. Owned by one thread.
 */
public interface NativeGuard extends AutoCloseable {
    /** Remembers nothing. */
    NativeGuard NONE =
            new NativeGuard() {
                @Override
                public void enter(String messageId) {}

                @Override
                public void leave() {}

                @Override
                public void close() {}
            };

    /**
     * Native code is about to see bytes of this message.
     *
     * @param messageId the queue's id, which is the same at each receipt
     */
    void enter(String messageId);

    /** It came back. */
    void leave();

    @Override
    void close();
}
