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

/** The failures of downloads, in words for the person who sent the message. */
final class FetchFailures {
    private FetchFailures() {}

    /** Statuses that may be another a minute later. */
    static boolean mayPass(int status) {
        return status == 408 || status == 425 || status == 429 || status >= 500;
    }

    /** Statuses by which a host says that it is asked too much. */
    static boolean isTooMuch(int status) {
        return status == 429 || status == 503;
    }

    static FailureException status(int status, Target target) {
        if (mayPass(status)) {
            return failure(
                    Failure.Kind.FETCH_FAILED,
                    target.name() + " answered " + status + "; check the image host");
        }
        return failure(
                Failure.Kind.HTTP_STATUS,
                target.name()
                        + " answered "
                        + status
                        + "; check that the image exists and may be"
                        + " read without a login");
    }

    static FailureException tooManyRedirects(Target target, int most) {
        return failure(
                Failure.Kind.HTTP_STATUS,
                "%s redirected once more after %s redirects; use a URL that leads to the image itself"
                        .formatted(target.name(), most));
    }

    static FailureException tooMuchOfAMessage(long most) {
        return failure(
                Failure.Kind.TOO_LARGE,
                "the images of its message have more than %d bytes together; send them in several messages, or ask the operator to raise fetch.maxBytes"
                        .formatted(most));
    }

    static FailureException noLocation(int status, Target target) {
        return failure(
                Failure.Kind.HTTP_STATUS,
                "%s answered %s without saying where the image is; use a URL that leads to the image itself"
                        .formatted(target.name(), status));
    }

    static FailureException timeout(Target target, FetchLimits limits) {
        return failure(
                Failure.Kind.FETCH_TIMEOUT,
                "%s was too slow (limits: %s to connect, %s between bytes, %s in all, at least %s bytes a second); use a faster host"
                        .formatted(
                                target.name(),
                                seconds(limits.connectTimeout().toMillis()),
                                seconds(limits.readTimeout().toMillis()),
                                seconds(limits.callTimeout().toMillis()),
                                limits.minimumRate()));
    }

    static FailureException down(Target target) {
        return failure(
                Failure.Kind.FETCH_FAILED,
                target.name()
                        + " was not requested, since its host did not answer earlier"
                        + " requests; check the image host");
    }

    static FailureException failing(Target target) {
        return failure(
                Failure.Kind.FETCH_FAILED,
                target.name()
                        + " was not requested, since most of the last downloads from its"
                        + " host failed; check the image host");
    }

    static FailureException crowded(Target target) {
        return failure(
                Failure.Kind.FETCH_FAILED,
                target.name()
                        + " was not requested yet, since its host is slow and images of"
                        + " other hosts go first; use a faster host");
    }

    /** What went wrong below HTTP. */
    static FailureException of(IOException e, Target target, FetchLimits limits) {
        if (ForbiddenAddressException.isIn(e)) {
            return failure(
                    Failure.Kind.URL_FORBIDDEN,
                    "image URL refused: " + UrlPolicy.notPublic(target.url().host(), Stage.FETCH));
        }
        if (e instanceof HeadTooLargeException) {
            return failure(
                    Failure.Kind.HTTP_STATUS,
                    target.name()
                            + ": "
                            + e.getMessage()
                            + "; use a host that sends fewer headers");
        }
        Optional<LookupRefusedException> lookup = OwnRefusals.lookup(e);
        if (lookup.isPresent()) {
            return failure(
                    Failure.Kind.FETCH_FAILED,
                    "%s: the host name was not looked up, since %s; check the domain's name servers"
                            .formatted(target.name(), lookup.get().getMessage()));
        }
        if (e instanceof InterruptedIOException || e.getCause() instanceof InterruptedIOException) {
            return timeout(target, limits);
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
        return failure(Failure.Kind.FETCH_FAILED, target.name() + why);
    }

    static FailureException failure(Failure.Kind kind, String message) {
        return new FailureException(kind, Stage.FETCH, message);
    }

    private static String seconds(long millis) {
        return millis / 1e3 + " s";
    }
}
