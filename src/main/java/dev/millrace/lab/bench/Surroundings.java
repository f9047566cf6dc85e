package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.config.ConfigException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * What of the world is put around a worker that is measured: many image hosts or one, a queue that
 * is far away, TLS, messages that come when they like.
 */
public final class Surroundings {
    /** Each is an address of its own, 127.0.0.1 and those that follow. */
    private static final int MOST_HOSTS = 250;

    /** What the next download of an image host may use again. */
    enum Reuse {
        /** The connection. */
        CONNECTION,
        /** The host closes it after each image; with TLS the session is resumed. */
        SESSION,
        /** With TLS each connection begins with a full handshake. */
        NOTHING
    }

    @Option(
            names = "--hosts",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Image hosts, each with an address of its own; messages name them in turn"
                            + " (default: ${DEFAULT-VALUE}).")
    int hosts = 1;

    @Option(
            names = "--bucket",
            description =
                    "Let messages name objects of one S3 bucket, which the image host serves and for"
                            + " which the worker signs its requests.")
    boolean bucket;

    @Option(
            names = "--reuse",
            paramLabel = "WHAT",
            defaultValue = "connection",
            description =
                    "What an image host lets a client use again: connection; session, where it closes"
                            + " the connection after each image; or nothing, where it resumes no TLS"
                            + " session either (default: ${DEFAULT-VALUE}).")
    Reuse reuse = Reuse.CONNECTION;

    @Option(
            names = "--https",
            description =
                    "Let image hosts, queue and sink speak https, with a certificate of their own.")
    boolean https;

    @Option(
            names = "--queue-latency",
            paramLabel = "TIME",
            converter = Millis.class,
            description =
                    "Delay of each answer that the queue gives the worker (default: no delay is"
                            + " added).")
    Optional<Duration> queueLatency = Optional.empty();

    @Option(
            names = "--short-answers",
            description =
                    "Let the queue give a receive call fewer messages than it asks for, any number"
                            + " from 1 on.")
    boolean shortAnswers;

    @Option(
            names = "--poisson",
            description =
                    "Let messages at a rate come by chance, independently of each other, instead of"
                            + " evenly.")
    boolean poisson;

    /** Throws {@link ConfigException} with one line for what cannot work. */
    void check() {
        if (hosts < 1 || hosts > MOST_HOSTS) {
            throw new ConfigException(
                    "--hosts: '"
                            + hosts
                            + "' must be from 1 to "
                            + MOST_HOSTS
                            + ", an address each");
        }
        if (bucket && hosts > 1) {
            throw new ConfigException(
                    "--bucket: a bucket is one host, and --hosts asks for "
                            + hosts
                            + "; leave one of them out");
        }
        if (reuse == Reuse.NOTHING && !https) {
            throw new ConfigException(
                    "--reuse: 'nothing' concerns TLS sessions, and there is no TLS; add --https,"
                            + " or use session");
        }
    }

    /** Whether something of ours has to stand before the queue. */
    boolean queueIsFar() {
        return https || shortAnswers || queueLatency.isPresent();
    }

    /** For a command that has these options. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>(List.of("--hosts=" + hosts, "--reuse=" + reuse));
        queueLatency.ifPresent(time -> arguments.add("--queue-latency=" + Millis.text(time)));
        if (bucket) {
            arguments.add("--bucket");
        }
        if (https) {
            arguments.add("--https");
        }
        if (shortAnswers) {
            arguments.add("--short-answers");
        }
        if (poisson) {
            arguments.add("--poisson");
        }
        return arguments;
    }

    /** Adds them to what a report says of its settings. */
    void json(ObjectNode json) {
        json.put("hosts", hosts);
        json.put("bucket", bucket);
        json.put("reuse", reuse.name().toLowerCase(Locale.ROOT));
        json.put("https", https);
        json.put("queue_latency", queueLatency.map(Millis::text).orElse("none added"));
        json.put("short_answers", shortAnswers);
        json.put("arrivals", poisson ? "poisson" : "even");
    }
}
