package dev.millrace.trace;

import dev.millrace.job.Delivery;
import dev.millrace.job.Failure;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Stage;
import dev.millrace.job.TaskResult;
import dev.millrace.job.Trace;
import dev.millrace.job.TraceParent;
import dev.millrace.job.TracedCalls;
import dev.millrace.resource.Mutex;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.TraceStateBuilder;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Writes the spans of a message that has ended: one for the message and in it one for each of its
 * stages, named as in {@code timings_ms}, and one for each attempt to deliver the result. What
 * failed says of which kind. Thread-safe.
 */
final class SpanWriter {
    private static final String NONE = "";

    private final Mutex lock = new Mutex();
    private final Tracer tracer;
    private final GivenIds ids;
    private final SpanAttributes attributes;

    /**
     * @param ids that the tracer asks
     * @param queue by its name
     */
    SpanWriter(Tracer tracer, GivenIds ids, String queue) {
        this.tracer = tracer;
        this.ids = ids;
        this.attributes = new SpanAttributes(queue);
    }

    /** What the span of a message is a child of. */
    static Context context(Optional<TraceParent> sender) {
        return sender.map(
                        from ->
                                Context.root()
                                        .with(
                                                Span.wrap(
                                                        SpanContext.createFromRemoteParent(
                                                                from.traceId(),
                                                                from.spanId(),
                                                                TraceFlags.fromByte(
                                                                        (byte) from.flags()),
                                                                state(from.state())))))
                .orElseGet(Context::root);
    }

    private static TraceState state(String header) {
        if (header.isEmpty()) {
            return TraceState.getDefault();
        }
        TraceStateBuilder state = TraceState.builder();
        String[] members = header.split(",");
        // The builder puts what comes later first.
        for (int i = members.length - 1; i >= 0; i--) {
            String[] pair = members[i].strip().split("=", 2);
            if (pair.length == 2) {
                state.put(pair[0], pair[1]);
            }
        }
        return state.build();
    }

    void ended(Message message, Outcome outcome) {
        EpochClock clock = EpochClock.now();
        Delivery delivery = message.delivery();
        try (var _ = lock.hold()) {
            Context own =
                    root(
                            delivery.trace(),
                            attributes.name(message),
                            message.hasCaller() ? SpanKind.SERVER : SpanKind.CONSUMER,
                            new Interval(clock, delivery.receivedNs(), clock.nanos()),
                            attributes.of(message, outcome),
                            failure(message, outcome).map(SpanWriter::kind).orElse(NONE));
            fetch(own, clock, message, outcome);
            for (TaskResult result : message.resultsSoFar()) {
                stages(own, clock, result);
            }
            for (TracedCalls.Call call : message.calls().ended()) {
                ids.nextSpan(call.spanId());
                write(
                        own,
                        attributes.callName(message.request().destination()),
                        attributes.callKind(message.request().destination()),
                        new Interval(clock, call.startNs(), call.endNs()),
                        attributes.ofCall(message.request().destination()),
                        call.error());
            }
        }
    }

    /** A receipt of which no message came. */
    void refused(Delivery delivery, String kind) {
        EpochClock clock = EpochClock.now();
        try (var _ = lock.hold()) {
            root(
                    delivery.trace(),
                    attributes.queueName(),
                    SpanKind.CONSUMER,
                    new Interval(clock, delivery.receivedNs(), clock.nanos()),
                    attributes.of(delivery).put(SpanAttributes.OUTCOME, "rejected").build(),
                    kind);
        }
    }

    private Context root(
            Trace trace,
            String name,
            SpanKind kind,
            Interval time,
            Attributes attributes,
            String error) {
        if (trace.sender().isEmpty()) {
            ids.nextTrace(trace.id());
        }
        return write(context(trace.sender()), name, kind, time, attributes, error);
    }

    private void fetch(Context own, EpochClock clock, Message message, Outcome outcome) {
        if (message.fetchStartNs() == 0) {
            return;
        }
        write(
                own,
                "fetch",
                SpanKind.CLIENT,
                new Interval(clock, message.fetchStartNs(), message.fetchEndNs()),
                attributes.ofFetch(message.request()),
                failure(message, outcome)
                        .filter(failure -> failure.stage() == Stage.FETCH)
                        .map(SpanWriter::kind)
                        .orElse(NONE));
    }

    /** Of one task, up to the one that failed: what follows, it only rides along. */
    private void stages(Context own, EpochClock clock, TaskResult result) {
        TaskResult.Times times = result.times();
        if (times.enteredNs() == 0) {
            return;
        }
        Optional<Stage> failed = result.failure().map(Failure::stage);
        String error = result.failure().map(SpanWriter::kind).orElse(NONE);
        Attributes task = attributes.of(result);
        long decodeNs = times.enteredNs() + times.slotNs();
        long waitNs = decodeNs + times.decodeNs();
        long inferNs = waitNs + times.waitNs();
        long inferredNs = inferNs + times.inferNs();
        long postprocessNs = times.endedNs() - times.postprocessNs();
        stage(own, "slot", new Interval(clock, times.enteredNs(), decodeNs), task, NONE);
        if (failed.filter(stage -> stage == Stage.PREPROCESS).isPresent()) {
            stage(own, "decode", new Interval(clock, decodeNs, waitNs), task, error);
            return;
        }
        stage(own, "decode", new Interval(clock, decodeNs, waitNs), task, NONE);
        stage(own, "wait", new Interval(clock, waitNs, inferNs), task, NONE);
        if (failed.filter(stage -> stage == Stage.INFER).isPresent()) {
            stage(own, "infer", new Interval(clock, inferNs, inferredNs), task, error);
            return;
        }
        stage(own, "infer", new Interval(clock, inferNs, inferredNs), task, NONE);
        stage(own, "postprocess", new Interval(clock, postprocessNs, times.endedNs()), task, error);
    }

    private void stage(
            Context own, String name, Interval time, Attributes attributes, String error) {
        write(own, name, SpanKind.INTERNAL, time, attributes, error);
    }

    /** From the first to the second, by {@link System#nanoTime}. */
    private record Interval(EpochClock clock, long startNs, long endNs) {}

    private Context write(
            Context parent,
            String name,
            SpanKind kind,
            Interval time,
            Attributes attributes,
            String error) {
        Span span =
                tracer.spanBuilder(name)
                        .setParent(parent)
                        .setSpanKind(kind)
                        .setAllAttributes(attributes)
                        .setStartTimestamp(time.clock.epochNs(time.startNs), TimeUnit.NANOSECONDS)
                        .startSpan();
        if (!error.isEmpty()) {
            span.setAttribute(SpanAttributes.ERROR, error).setStatus(StatusCode.ERROR);
        }
        span.end(time.clock.epochNs(time.endNs), TimeUnit.NANOSECONDS);
        return parent.with(span);
    }

    /** The first there is: of the message, else of one of its tasks. */
    private static Optional<Failure> failure(Message message, Outcome outcome) {
        return switch (outcome) {
            case Outcome.Retry retry -> Optional.of(retry.failure());
            case Outcome.Rejected left -> Optional.of(left.failure());
            case Outcome.Delivered _, Outcome.Dropped _ ->
                    message.resultsSoFar().stream()
                            .flatMap(result -> result.failure().stream())
                            .findFirst();
        };
    }

    private static String kind(Failure failure) {
        return failure.kind().wireName();
    }
}
