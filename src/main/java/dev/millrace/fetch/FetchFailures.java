package dev.millrace.fetch;

import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.Stage;
import dev.millrace.net.ForbiddenAddressException;
import dev.millrace.net.HeadTooLargeException;
import dev.millrace.net.LookupRefusedException;
import dev.millrace.net.OwnRefusals;
import dev.millrace.net.UrlPolicy;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Optional;
import javax.net.ssl.SSLException;
import okhttp3.HttpUrl;

/** The failures of downloads, in words for the person who sent the message. */
final class FetchFailures {
    private static final int MAX_PATH_CHARS = 200;

    private FetchFailures() {}

    /** Statuses that may be another a minute later. */
    private static boolean mayPass(int status) {
        return status == 408 || status == 425 || status == 429 || status >= 500;
    }

    /** Statuses by which a host says that it is asked too much. */
    static boolean isTooMuch(int status) {
        return status == 429 || status == 503;
    }

    static FailureException status(int status, HttpUrl url) {
        if (mayPass(status)) {
            return failure(
                    Failure.Kind.FETCH_FAILED,
                    where(url) + " answered " + status + "; check the image host");
        }
        return failure(
                Failure.Kind.HTTP_STATUS,
                where(url)
                        + " answered "
                        + status
                        + "; check that the image exists and may be"
                        + " read without a login");
    }

    static FailureException tooManyRedirects(HttpUrl url, int most) {
        return failure(
                Failure.Kind.HTTP_STATUS,
                "%s redirected once more after %s redirects; use a URL that leads to the image itself"
                        .formatted(where(url), most));
    }

    static FailureException noLocation(int status, HttpUrl url) {
        return failure(
                Failure.Kind.HTTP_STATUS,
                "%s answered %s without saying where the image is; use a URL that leads to the image itself"
                        .formatted(where(url), status));
    }

    static FailureException timeout(HttpUrl url, FetchLimits limits) {
        return failure(
                Failure.Kind.FETCH_TIMEOUT,
                "%s was too slow (limits: %s to connect, %s between bytes, %s in all, at least %s bytes a second); use a faster host"
                        .formatted(
                                where(url),
                                seconds(limits.connectTimeout().toMillis()),
                                seconds(limits.readTimeout().toMillis()),
                                seconds(limits.callTimeout().toMillis()),
                                limits.minimumRate()));
    }

    static FailureException down(HttpUrl url) {
        return failure(
                Failure.Kind.FETCH_FAILED,
                where(url)
                        + " was not requested, since its host did not answer earlier"
                        + " requests; check the image host");
    }

    static FailureException failing(HttpUrl url) {
        return failure(
                Failure.Kind.FETCH_FAILED,
                where(url)
                        + " was not requested, since most of the last downloads from its"
                        + " host failed; check the image host");
    }

    static FailureException crowded(HttpUrl url) {
        return failure(
                Failure.Kind.FETCH_FAILED,
                where(url)
                        + " was not requested yet, since its host is slow and images of"
                        + " other hosts go first; use a faster host");
    }

    /** What went wrong below HTTP. */
    static FailureException of(IOException e, HttpUrl url, FetchLimits limits) {
        if (ForbiddenAddressException.isIn(e)) {
            return failure(
                    Failure.Kind.URL_FORBIDDEN,
                    "image URL refused: " + UrlPolicy.notPublic(url.host(), Stage.FETCH));
        }
        if (e instanceof HeadTooLargeException) {
            return failure(
                    Failure.Kind.HTTP_STATUS,
                    where(url) + ": " + e.getMessage() + "; use a host that sends fewer headers");
        }
        Optional<LookupRefusedException> lookup = OwnRefusals.lookup(e);
        if (lookup.isPresent()) {
            return failure(
                    Failure.Kind.FETCH_FAILED,
                    "%s: the host name was not looked up, since %s; check the domain's name servers"
                            .formatted(where(url), lookup.get().getMessage()));
        }
        if (e instanceof InterruptedIOException || e.getCause() instanceof InterruptedIOException) {
            return timeout(url, limits);
        }
        String why =
                switch (e) {
                    case UnknownHostException _ ->
                            ": the host name has no address; check its spelling";
                    case ConnectException _ ->
                            ": no connection could be made; check that the host serves this port";
                    case SSLException _ ->
                            ": the TLS handshake failed; check the host's certificate";
                    default -> ": the connection broke off; check the image host";
                };
        return failure(Failure.Kind.FETCH_FAILED, where(url) + why);
    }

    private static FailureException failure(Failure.Kind kind, String message) {
        return new FailureException(kind, Stage.FETCH, message);
    }

    /** The URL without its query, which may hold a signature. */
    private static String where(HttpUrl url) {
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

    private static String seconds(long millis) {
        return millis / 1e3 + " s";
    }
}
