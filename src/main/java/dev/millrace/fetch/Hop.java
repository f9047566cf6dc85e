package dev.millrace.fetch;

import okhttp3.HttpUrl;

/** What one request of a download came to. */
sealed interface Hop {
    /** The image. */
    record Body(byte[] bytes) implements Hop {}

    /** It is elsewhere. */
    record Redirect(HttpUrl to) implements Hop {}

    /** The worker's budget has not enough bytes left to read it; ask again with so many in hand. */
    record NeedsBytes(long bytes) implements Hop {}
}
