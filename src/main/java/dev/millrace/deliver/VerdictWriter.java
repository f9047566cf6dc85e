package dev.millrace.deliver;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.JsonGeneratorDelegate;
import dev.millrace.api.Verdict;
import dev.millrace.job.LimitedLog;
import dev.millrace.job.TaskResult;
import java.io.IOException;
import java.util.Map;

/**
 * Writes what a module said of an image. The objects are the module's, so their getters may throw,
 * refer to themselves, have no end, or hold numbers that JSON lacks.
 */
final class VerdictWriter {
    /** Of one verdict; results wait in memory for their callback hosts. */
    static final int MAX_BYTES = 1 << 20;

    private static final String LIMIT =
            " has more than %,d bytes; return less, or a URL that leads to it".formatted(MAX_BYTES);
    private static final String REMEDY =
            "; return numbers, strings, booleans, lists, maps or records of them";

    private final JsonGenerator json;
    private final BoundedBytes bytes;

    /**
     * @param bytes where {@code json} writes to
     */
    VerdictWriter(JsonGenerator json, BoundedBytes bytes) {
        this.json = new Finite(json);
        this.bytes = bytes;
    }

    /**
     * Writes the fields of a verdict into the object that is open.
     *
     * @throws IOException where not the verdict is the reason
     */
    void write(int task, TaskResult result) throws IOException, UnwritableVerdictException {
        json.flush();
        bytes.limit(MAX_BYTES);
        String field = "";
        try {
            Verdict verdict = result.verdict().orElseThrow();
            Map<String, ?> fields = verdict.fields();
            if (result.model().isPresent()) {
                unlessGiven(fields, "model", result.model().get().name());
                unlessGiven(fields, "version", result.model().get().version());
            }
            if (verdict.label().isPresent()) {
                unlessGiven(fields, "label", verdict.label().get());
            }
            for (Map.Entry<String, ?> entry : fields.entrySet()) {
                field = entry.getKey();
                json.writeFieldName(field);
                ResultWriter.JSON.writeValue(json, entry.getValue());
            }
            json.flush();
            bytes.unlimited();
        } catch (IOException | RuntimeException | StackOverflowError | LinkageError e) {
            // Whatever it is, the next attempt to write would meet it again.
            throw UnwritableVerdictException.of(task, result, field, why(e));
        }
    }

    /** A module's field of that name takes the place of the worker's. */
    private void unlessGiven(Map<String, ?> fields, String name, String value) throws IOException {
        if (!fields.containsKey(name)) {
            json.writeStringField(name, value);
        }
    }

    private String why(Throwable failure) {
        return bytes.isFull() ? LIMIT : " cannot be written (" + reason(failure) + ")" + REMEDY;
    }

    private static String reason(Throwable failure) {
        return failure instanceof StackOverflowError
                ? "it refers to itself"
                : LimitedLog.reason(failure);
    }

    /** Refuses numbers that JSON lacks; by default they would be written as strings. */
    private static final class Finite extends JsonGeneratorDelegate {
        Finite(JsonGenerator to) {
            super(to, false);
        }

        @Override
        public void writeNumber(double value) throws IOException {
            require(Double.isFinite(value), value);
            super.writeNumber(value);
        }

        @Override
        public void writeNumber(float value) throws IOException {
            require(Float.isFinite(value), value);
            super.writeNumber(value);
        }

        @Override
        public void writeArray(double[] values, int offset, int length) throws IOException {
            for (int i = offset; i < offset + length; i++) {
                require(Double.isFinite(values[i]), values[i]);
            }
            super.writeArray(values, offset, length);
        }

        private static void require(boolean finite, double value) throws IOException {
            if (!finite) {
                throw new IOException("JSON has no " + value);
            }
        }
    }
}
