package dev.millrace.job;

import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in a trace that work was asked for from, as the W3C's Trace Context writes it in the
 * header {@code traceparent}. What is done for it belongs to the same trace.
 *
 * @param traceId 32 hexadecimal digits
 * @param spanId 16 hexadecimal digits
 * @param flags of which the lowest says that the trace is recorded
 * @param state what other tracing systems say of it ({@code tracestate}), as it came; mostly empty
 */
public record TraceParent(String traceId, String spanId, int flags, String state) {
    /** The header, and the attribute of messages. */
    public static final String HEADER = "traceparent";

    /** Beside it, where there is something to say. */
    public static final String STATE_HEADER = "tracestate";

    private static final int SAMPLED = 1;

    /** The other one says that the trace's id is a random number. */
    private static final int KNOWN = 3;

    private static final int MAX_STATE = 512;
    private static final int MAX_AWS = 1024;

    /** Versions to come may add fields at the end. */
    private static final Pattern FORM =
            Pattern.compile(
                    "(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

    private static final Pattern STATE = Pattern.compile("[\\x20-\\x7e]+");
    private static final Pattern AWS_ROOT = Pattern.compile("1-([0-9a-f]{8})-([0-9a-f]{24})");
    private static final Pattern AWS_PARENT = Pattern.compile("(?!0{16})[0-9a-f]{16}");

    /** What is said by both headers; empty where the first is missing or malformed. */
    public static Optional<TraceParent> parse(String traceparent, String tracestate) {
        Matcher form = FORM.matcher(traceparent == null ? "" : traceparent);
        if (!form.matches() || form.group(1).equals("00") && form.group(5) != null) {
            return Optional.empty();
        }
        boolean said =
                tracestate != null
                        && tracestate.length() <= MAX_STATE
                        && STATE.matcher(tracestate).matches();
        return Optional.of(
                new TraceParent(
                        form.group(2),
                        form.group(3),
                        HexFormat.fromHexDigits(form.group(4)) & KNOWN,
                        said ? tracestate.strip() : ""));
    }

    /**
     * What X-Ray's header says, such as {@code
     * Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1}; empty where it
     * names no parent.
     */
    public static Optional<TraceParent> ofAws(String header) {
        if (header == null || header.length() > MAX_AWS) {
            return Optional.empty();
        }
        String trace = "";
        String parent = "";
        int flags = 0;
        for (String field : header.split(";")) {
            String[] pair = field.strip().split("=", 2);
            Matcher root = AWS_ROOT.matcher(pair[pair.length - 1]);
            switch (pair[0]) {
                case "Root" -> trace = root.matches() ? root.group(1) + root.group(2) : "";
                case "Parent" -> parent = pair[pair.length - 1];
                case "Sampled" -> flags = pair[pair.length - 1].equals("1") ? SAMPLED : 0;
                default -> {}
            }
        }
        return trace.isEmpty() || !AWS_PARENT.matcher(parent).matches()
                ? Optional.empty()
                : Optional.of(new TraceParent(trace, parent, flags, ""));
    }

    /** Whether who asked records the trace. */
    public boolean isSampled() {
        return (flags & SAMPLED) != 0;
    }

    /** Another place in the same trace. */
    public TraceParent next(boolean sampled) {
        int others = flags & ~SAMPLED;
        return new TraceParent(traceId, newSpanId(), sampled ? others | SAMPLED : others, state);
    }

    /** The first place in a new trace. */
    static TraceParent first(String traceId, boolean sampled) {
        return new TraceParent(traceId, newSpanId(), sampled ? SAMPLED : 0, "");
    }

    /** Of a trace that begins here. */
    public static String newTraceId() {
        return newSpanId() + newSpanId();
    }

    private static String newSpanId() {
        long id = ThreadLocalRandom.current().nextLong();
        return HexFormat.of().toHexDigits(id == 0 ? 1 : id);
    }

    /** As the header has it, in the version that is known here. */
    public String header() {
        return "00-" + traceId + "-" + spanId + "-" + HexFormat.of().toHexDigits((byte) flags);
    }

    /** Puts it among the headers of a call, or the attributes of a message. */
    public void addTo(BiConsumer<String, String> headers) {
        headers.accept(HEADER, header());
        if (!state.isEmpty()) {
            headers.accept(STATE_HEADER, state);
        }
    }
}
