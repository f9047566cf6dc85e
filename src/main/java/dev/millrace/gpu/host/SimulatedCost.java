package dev.millrace.gpu.host;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a batch costs on a simulated device: {@code batchMs + rowMs * n} milliseconds of computing,
 * and its copies. Each way has a copy engine of its own, as GPUs have.
 *
 * @param batchMs per batch, at least 0
 * @param rowMs per row, at least 0
 * @param copyInMs per batch, at least 0
 * @param copyOutMs per batch and output, at least 0
 */
public record SimulatedCost(double batchMs, double rowMs, double copyInMs, double copyOutMs) {
    private static final String NUMBER = "\\s*(\\d+(?:\\.\\d+)?)\\s*";
    private static final Pattern FORM =
            Pattern.compile(NUMBER + "," + NUMBER + "(?:," + NUMBER + "," + NUMBER + ")?");

    public SimulatedCost {
        if (!(batchMs >= 0 && rowMs >= 0 && batchMs + rowMs > 0)
                || !(copyInMs >= 0 && copyOutMs >= 0)) {
            throw new IllegalArgumentException("a batch must take more than 0 ms");
        }
    }

    /** Copies that take no time of their own. */
    public SimulatedCost(double batchMs, double rowMs) {
        this(batchMs, rowMs, 0, 0);
    }

    /** Reads {@code a,b}, such as {@code 2,0.25}, or {@code a,b,in,out} with the copies. */
    public static SimulatedCost parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "write A,B, the milliseconds per batch and per image, such as 2,0.25;"
                            + " or A,B,IN,OUT, with those of the copies of a batch in and out");
        }
        return new SimulatedCost(
                Double.parseDouble(form.group(1)),
                Double.parseDouble(form.group(2)),
                form.group(3) == null ? 0 : Double.parseDouble(form.group(3)),
                form.group(4) == null ? 0 : Double.parseDouble(form.group(4)));
    }

    public long nanos(int batch) {
        return Math.round((batchMs + rowMs * batch) * 1e6);
    }

    @Override
    public String toString() {
        String computing = batchMs + " ms + " + rowMs + " ms per image";
        return copyInMs + copyOutMs == 0
                ? computing
                : computing + ", copies " + copyInMs + " ms in, " + copyOutMs + " ms out";
    }
}
