package dev.millrace.worker;

import dev.millrace.config.WorkerConfig;
import dev.millrace.fetch.FetchLimits;
import dev.millrace.serve.ServeSettings;
import dev.millrace.source.QueueStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a worker says of itself once, when it is ready: where it can be asked, what it works on and
 * with what, and the limits that hold. Each line is a sentence that stands alone in a log.
 */
final class StartReport {
    private static final String NO_PORT =
            "there is no status port, so nobody can ask for health or metrics; http.port opens one";

    private StartReport() {}

    /**
     * @param port of metrics and health, as it was opened
     * @param callers port for those who wait for their answers, likewise
     * @param queue what the queue says of itself
     * @param models a sentence for each
     */
    static List<String> lines(
            WorkerConfig config,
            Optional<Integer> port,
            Optional<Integer> callers,
            String queue,
            List<String> models) {
        List<String> lines = new ArrayList<>();
        lines.add(
                "ready: %s from %s"
                        .formatted(
                                models.size() == 1
                                        ? "1 model takes messages"
                                        : models.size() + " models take messages",
                                config.queue().url()));
        lines.add(
                queue
                        + "; this worker hides what it receives for "
                        + config.queue().visibility().toSeconds()
                        + " s");
        lines.addAll(models);
        lines.add(limits(config));
        lines.add(port.map(open -> status(open, config)).orElse(NO_PORT));
        callers.ifPresent(open -> lines.add(callers(open, config)));
        return lines;
    }

    private static String callers(int port, WorkerConfig config) {
        ServeSettings serve = config.serve().orElseThrow();
        return "callers are answered at port %d of %s%s"
                .formatted(
                        port,
                        serve.bind(),
                        serve.token().isPresent()
                                ? ", with the token"
                                : ", whoever reaches it; serve.token asks for one");
    }

    private static String status(int port, WorkerConfig config) {
        String bind = config.statusAccess().bind();
        return "the status port is %d of %s: http://%s:%1$d/ shows this worker in a browser; /metrics, /v2/health/live and /v2/health/ready%s%s"
                .formatted(
                        port,
                        bind,
                        urlHost(bind),
                        config.drain().preStop() ? ", and /drain" : "",
                        bind.equals(ServeSettings.LOOPBACK)
                                ? ", for this machine alone; http.bind opens it to others"
                                : "");
    }

    private static String urlHost(String bind) {
        return switch (bind) {
            case "0.0.0.0", "::" -> ServeSettings.LOOPBACK;
            case String at when at.contains(":") -> "[" + at + "]";
            default -> bind;
        };
    }

    private static String limits(WorkerConfig config) {
        int perHost = config.fetch().limits().perHost();
        return String.format(
                Locale.ROOT,
                "limits: %,d messages in flight, %s, %,d MiB of downloads in memory, %,d MiB for decoding; a drain ends after %d s at the latest",
                config.admission().messages(),
                perHost == FetchLimits.NO_CAP
                        ? "as many downloads from one host as others leave free"
                        : perHost + " downloads from one host",
                config.admission().bytes() >> 20,
                config.preprocess().decodeBytes() >> 20,
                Worker.DRAIN_LIMIT.toSeconds());
    }

    /** What a queue says of itself. */
    static String said(QueueStatus status) {
        return "the queue has %s waiting, %d in flight and %d delayed; %s"
                .formatted(
                        status.visible() == 1 ? "1 message" : status.visible() + " messages",
                        status.inFlight(),
                        status.delayed(),
                        status.redrive());
    }

    /**
     * @param code the queue's word for it
     */
    static String denied(String code) {
        return "the queue does not say how many messages wait or where failed ones go, since it denies sqs:GetQueueAttributes (%s); allow it to see that"
                .formatted(code);
    }
}
