package dev.millrace.fetch;

import dev.millrace.job.FailureException;
import dev.millrace.job.Stage;
import dev.millrace.net.GuardedHttp;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Response;

/** The URL of a message, or where it led to. */
record UrlTarget(HttpUrl url, GuardedHttp http) implements Target {
    private static final int MAX_PATH_CHARS = 200;

    /** The URL without its query, which may hold a signature. */
    @Override
    public String name() {
        String path = url.encodedPath();
        boolean ipv6 = url.host().indexOf(':') >= 0;
        return url.scheme()
                + "://"
                + (ipv6 ? "[" + url.host() + "]" : url.host())
                + (url.port() == HttpUrl.defaultPort(url.scheme()) ? "" : ":" + url.port())
                + (path.length() > MAX_PATH_CHARS
                        ? path.substring(0, MAX_PATH_CHARS) + "..."
                        : path);
    }

    @Override
    public Headers headers() {
        return Headers.EMPTY;
    }

    @Override
    public Target next(Response answer) throws FailureException {
        int status = answer.code();
        if (status < 300 || status >= 400) {
            throw FetchFailures.status(status, this);
        }
        String location = answer.header("Location");
        if (location == null) {
            throw FetchFailures.noLocation(status, this);
        }
        return new UrlTarget(http.policy().redirect(url, location, Stage.FETCH), http);
    }
}
