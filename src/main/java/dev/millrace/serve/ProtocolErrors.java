package dev.millrace.serve;

import dev.millrace.serve.oip.Metadata;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/**
 * Answers what is no request of HTTP, or fails before anybody looks at it, as JSON like the rest.
 */
final class ProtocolErrors extends ErrorHandler {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        Object reason = request.getAttribute(ERROR_MESSAGE);
        byte[] body = body(status, reason == null ? null : reason.toString());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, Reply.JSON);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        response.write(true, ByteBuffer.wrap(body), callback);
        return true;
    }

    private static byte[] body(int status, String reason) {
        return Metadata.error(
                status < 500
                        ? "the request is no valid HTTP (%s); correct it"
                                .formatted(reason == null ? "status " + status : reason)
                        : "the worker failed over the request; its log says why");
    }
}
