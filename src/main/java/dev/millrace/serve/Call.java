package dev.millrace.serve;

import java.io.InputStream;
import java.util.Optional;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Fields;

/** One request of a caller, as far as an answer depends on it. Used by the request's thread. */
final class Call {
    private final Request request;
    private final CallerEndPoint connection;
    private final long startNs = System.nanoTime();

    Call(Request request) {
        this.request = request;
        this.connection = CallerEndPoint.of(request);
    }

    String method() {
        return request.getMethod();
    }

    String path() {
        return Request.getPathInContext(request);
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(request.getHeaders().get(name));
    }

    Optional<String> parameter(String name) throws Refusal {
        try {
            Fields fields = Request.extractQueryParameters(request);
            return Optional.ofNullable(fields.getValue(name));
        } catch (IllegalArgumentException e) {
            throw Refusal.malformed(
                    400, "the query of the URL cannot be read; write % as %25, or leave it out");
        }
    }

    /** Of the body; less than 0 where the request does not say. */
    long length() {
        return request.getLength();
    }

    InputStream body() {
        return Content.Source.asInputStream(request);
    }

    CallerEndPoint connection() {
        return connection;
    }

    /** When its head was complete, by {@link System#nanoTime}. */
    long startNs() {
        return startNs;
    }
}
