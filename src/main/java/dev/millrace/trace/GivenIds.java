package dev.millrace.trace;

import io.opentelemetry.sdk.trace.IdGenerator;

/**
 * The ids of spans that are written, where they are known before: a call has carried them already.
 * For one thread at a time.
 */
final class GivenIds implements IdGenerator {
    private String trace = "";
    private String span = "";

    /** The next span is the first of this trace. */
    void nextTrace(String id) {
        trace = id;
    }

    /** The next span has this id. */
    void nextSpan(String id) {
        span = id;
    }

    @Override
    public String generateSpanId() {
        String id = span.isEmpty() ? IdGenerator.random().generateSpanId() : span;
        span = "";
        return id;
    }

    @Override
    public String generateTraceId() {
        String id = trace.isEmpty() ? IdGenerator.random().generateTraceId() : trace;
        trace = "";
        return id;
    }
}
