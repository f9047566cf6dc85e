package dev.millrace.gpu.host;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a batch costs on a simulated device: {@code batchMs + rowMs * n} milliseconds.
 *
 * @param batchMs per batch, at least 0
 * @param rowMs per row, at least 0
 */
public record SimulatedCost(double batchMs, double rowMs) {
    private static final Pattern FORM =
            Pattern.compile("\\s*(\\d+(?:\\.\\d+)?)\\s*,\\s*(\\d+(?:\\.\\d+)?)\\s*");

    public SimulatedCost {
        if (!(batchMs >= 0 && rowMs >= 0 && batchMs + rowMs > 0)) {
            throw new IllegalArgumentException("a simulated batch must cost more than nothing");
        }
    }

    /** Reads {@code a,b}, such as {@code 2,0.25}. */
    public static SimulatedCost parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "expected a,b in milliseconds per batch and per image, such as 2,0.25");
        }
        return new SimulatedCost(
                Double.parseDouble(form.group(1)), Double.parseDouble(form.group(2)));
    }

    public long nanos(int batch) {
        return Math.round((batchMs + rowMs * batch) * 1e6);
    }

    @Override
    public String toString() {
        return batchMs + " ms + " + rowMs + " ms per image";
    }
}
