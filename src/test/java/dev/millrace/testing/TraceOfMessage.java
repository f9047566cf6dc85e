package dev.millrace.testing;

import dev.millrace.testing.OtlpEndpoint.Seen;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What the spans of a message with one task have to be, whose image and callback went well. */
public final class TraceOfMessage {
    private static final List<String> STAGES =
            List.of("fetch", "slot", "decode", "wait", "infer", "postprocess", "callback");

    private TraceOfMessage() {}

    /**
     * What is wrong with them, a line for each; none where nothing is.
     *
     * @param sender {@code traceparent} of the message
     * @param carried {@code traceparent} of its callback
     */
    public static List<String> complaints(List<Seen> spans, String sender, String carried) {
        List<String> wrong = new ArrayList<>();
        String trace = sender.split("-")[1];
        List<Seen> roots =
                spans.stream()
                        .filter(span -> span.parentId().equals(sender.split("-")[2]))
                        .toList();
        if (roots.size() != 1) {
            wrong.add(roots.size() + " spans are children of the sender's");
            return wrong;
        }
        Seen root = roots.getFirst();
        if (root.kind() != Span.SpanKind.SPAN_KIND_CONSUMER
                || !root.name().equals("process images")
                || !"aws_sqs".equals(root.attributes().get("messaging.system"))
                || !"process".equals(root.attributes().get("messaging.operation.name"))) {
            wrong.add("the message's span is " + root);
        }
        Set<String> stages = new TreeSet<>(STAGES);
        for (Seen span : spans) {
            of(span, root, trace, wrong);
            if (span != root && !stages.remove(span.name())) {
                wrong.add(span.name() + " is there twice, or no stage");
            }
            if (span.name().equals("callback")
                    && !carried.equals("00-" + trace + "-" + span.spanId() + "-01")) {
                wrong.add("the callback carried " + carried + " and its span is " + span);
            }
        }
        stages.forEach(stage -> wrong.add(stage + " is missing"));
        inOrder(spans, wrong);
        return wrong;
    }

    private static void of(Seen span, Seen root, String trace, List<String> wrong) {
        if (!span.traceId().equals(trace)) {
            wrong.add(span.name() + " belongs to the trace " + span.traceId());
        }
        if (span != root && !span.parentId().equals(root.spanId())) {
            wrong.add(span.name() + " is a child of " + span.parentId());
        }
        if (span.startNs() < root.startNs()
                || span.endNs() > root.endNs()
                || span.endNs() < span.startNs()) {
            wrong.add(span.name() + " was not while the message was there");
        }
        if (!span.error().isEmpty()) {
            wrong.add(span.name() + " failed: " + span.error());
        }
        if (span.attributes().toString().contains("secret")) {
            wrong.add(span.name() + " tells a secret: " + span.attributes());
        }
    }

    private static void inOrder(List<Seen> spans, List<String> wrong) {
        var byName =
                spans.stream()
                        .filter(span -> STAGES.contains(span.name()))
                        .collect(Collectors.toMap(Seen::name, span -> span, (one, _) -> one));
        for (int i = 1; i < STAGES.size(); i++) {
            Seen before = byName.get(STAGES.get(i - 1));
            Seen after = byName.get(STAGES.get(i));
            if (before != null && after != null && after.startNs() < before.endNs()) {
                wrong.add(after.name() + " began before " + before.name() + " had ended");
            }
        }
    }
}
