package dev.millrace.job;

/** What the worker counts, each with the sentence that {@code /metrics} shows. */
public enum Counter {
    RECEIVED("Messages received from the queue, repeats included."),
    MALFORMED("Messages whose body is not a request; left to the queue's redrive policy."),
    RECEIVE_ERRORS("Receive calls that failed."),
    FETCHED_BYTES("Bytes of images downloaded."),
    FAILED_TASKS("Tasks that ended without a verdict."),
    TRIALS("Messages whose image was first tried in a process of its own."),
    CALLBACKS("Results that a callback host or another destination took."),
    CALLBACK_ERRORS("Attempts to deliver a result that failed."),
    ANSWERED("Images whose callers waited, and that were answered with a result."),
    REPEATED("Messages received again and answered with the result that was kept."),
    DELETED("Messages deleted from the queue."),
    RETRIED("Messages made visible again."),
    REJECTED("Messages left to the queue's redrive policy because nobody could be told."),
    STALE("Messages whose lease ended before they were settled."),
    ACKNOWLEDGE_ERRORS("Entries of delete or visibility batches that failed."),
    HEARTBEATS("Visibility timeouts extended.");

    private final String sentence;

    Counter(String sentence) {
        this.sentence = sentence;
    }

    public String sentence() {
        return sentence;
    }
}
