package dev.millrace.net;

import java.io.EOFException;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import okhttp3.Interceptor;
import okhttp3.Response;
import okhttp3.internal.connection.Exchange;
import okhttp3.internal.http.ExchangeCodec;
import okhttp3.internal.http.RealInterceptorChain;
import okhttp3.internal.http1.HeadersReader;
import okhttp3.internal.http1.Http1ExchangeCodec;
import okio.BufferedSource;

/**
 * Bounds the headers of an answer, those before it (1xx) and after its body included. OkHttp's own
 * bound is 256 KiB, which as 130,000 short lines takes 7.5 MB of heap for each answer that is on
 * its way, and it cannot be set: this lowers it in the client's private field, for each exchange,
 * and {@code HeadLimitTest} fails with a version of OkHttp that has another. Thread-safe.
 */
final class HeadLimit implements Interceptor {
    static final int MAX_BYTES = 32 << 10;
    static final int MAX_LINES = 200;

    private static final VarHandle CODEC = field(Exchange.class, "codec", ExchangeCodec.class);
    private static final VarHandle READER =
            field(Http1ExchangeCodec.class, "headersReader", HeadersReader.class);
    private static final VarHandle LIMIT = field(HeadersReader.class, "headerLimit", long.class);
    private static final VarHandle SOURCE =
            field(HeadersReader.class, "source", BufferedSource.class);

    private static VarHandle field(Class<?> owner, String name, Class<?> type) {
        try {
            return MethodHandles.privateLookupIn(owner, MethodHandles.lookup())
                    .findVarHandle(owner, name, type);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this version of OkHttp has no " + name, e);
        }
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
        Exchange exchange = ((RealInterceptorChain) chain).getExchange$okhttp();
        HeadersReader reader = (HeadersReader) READER.get((Http1ExchangeCodec) CODEC.get(exchange));
        LIMIT.set(reader, (long) MAX_BYTES);
        Response response;
        try {
            response = chain.proceed(chain.request());
        } catch (IOException e) {
            // It says of a line that is too long that the answer ended.
            boolean ended = e instanceof EOFException || e.getCause() instanceof EOFException;
            throw ended && isFull(reader) ? new HeadTooLargeException() : e;
        }
        if (response.headers().size() > MAX_LINES) {
            response.close();
            throw new HeadTooLargeException();
        }
        return response;
    }

    /** Whether there was more to read than was allowed; else the server hung up. */
    private static boolean isFull(HeadersReader reader) {
        BufferedSource source = (BufferedSource) SOURCE.get(reader);
        return source.getBuffer().size() >= (long) LIMIT.get(reader);
    }
}
