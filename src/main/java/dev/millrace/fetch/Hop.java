package dev.millrace.fetch;

/** What one request of a download came to. */
sealed interface Hop {
    /** The image. */
    record Body(byte[] bytes) implements Hop {}

    /** It is elsewhere. */
    record Redirect(Target to) implements Hop {}

    /** It does not say its length, and the worker's budget had too little left on the way. */
    record NeedsMore() implements Hop {}
}
