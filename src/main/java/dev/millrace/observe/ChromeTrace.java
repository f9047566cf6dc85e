package dev.millrace.observe;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.millrace.config.ConfigException;
import dev.millrace.gpu.Tracer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a timeline in Chrome's trace format, which Perfetto ({@code ui.perfetto.dev}) and {@code
 * chrome://tracing} open: one track for each stream and each thread. Ends quietly after {@link
 * #MAX_SPANS}, so that a forgotten trace fills no disk. Thread-safe.
 */
public final class ChromeTrace implements Tracer, AutoCloseable {
    static final int MAX_SPANS = 1_000_000;

    private static final Logger LOG = LoggerFactory.getLogger(ChromeTrace.class);

    private final JsonGenerator json;
    private final long zeroNs = System.nanoTime();
    private final Map<String, Integer> tracks = new HashMap<>();
    private int spans;
    private boolean open = true;

    public ChromeTrace(Path file) {
        try {
            json =
                    new JsonFactory()
                            .createGenerator(
                                    new BufferedOutputStream(Files.newOutputStream(file), 1 << 16));
            json.writeStartObject();
            json.writeStringField("displayTimeUnit", "ms");
            json.writeArrayFieldStart("traceEvents");
        } catch (IOException e) {
            throw ConfigException.of(
                    "trace",
                    "file",
                    file.toString(),
                    "cannot be written (" + e + "); name another file");
        }
    }

    @Override
    public synchronized void span(String track, String what, long startNs, long endNs) {
        if (!open || spans == MAX_SPANS) {
            return;
        }
        spans++;
        try {
            int thread = track(track);
            begin(what, "X", thread);
            json.writeNumberField("ts", (startNs - zeroNs) / 1e3);
            json.writeNumberField("dur", (endNs - startNs) / 1e3);
            json.writeEndObject();
        } catch (IOException e) {
            open = false;
            LOG.warn("the trace ends here: {}", e.toString());
        }
    }

    private void begin(String name, String phase, int thread) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", name);
        json.writeStringField("ph", phase);
        json.writeNumberField("pid", 1);
        json.writeNumberField("tid", thread);
    }

    private int track(String name) throws IOException {
        Integer known = tracks.get(name);
        if (known != null) {
            return known;
        }
        int thread = tracks.size() + 1;
        tracks.put(name, thread);
        begin("thread_name", "M", thread);
        json.writeObjectFieldStart("args");
        json.writeStringField("name", name);
        json.writeEndObject();
        json.writeEndObject();
        return thread;
    }

    @Override
    public synchronized void close() {
        open = false;
        try {
            json.close();
        } catch (IOException e) {
            LOG.warn("the trace could not be finished: {}", e.toString());
        }
    }
}
