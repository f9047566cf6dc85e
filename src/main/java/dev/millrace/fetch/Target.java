package dev.millrace.fetch;

import dev.millrace.job.FailureException;
import dev.millrace.net.GuardedHttp;
import java.io.IOException;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Response;

/** What one request of a download asks for, and what an answer without an image means. */
sealed interface Target permits UrlTarget, ObjectTarget {
    /** What is called; its policy has allowed it. */
    HttpUrl url();

    /** The client that calls it. */
    GuardedHttp http();

    /** For the person who sent the message. */
    String name();

    /** Headers of this request alone; they are made when its turn has come. */
    Headers headers() throws FailureException, InterruptedException;

    /** Where an answer that is no image leads to, or why to nothing. */
    Target next(Response answer) throws IOException, FailureException;
}
