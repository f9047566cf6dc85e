package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything around a worker that is measured: queue, image host and sink, in a process of their
 * own that {@link BenchHelpers} runs. Used by one thread; owns the process.
 */
public final class Helpers implements AutoCloseable {
    /**
     * A closed connection counts as a mistake of the host for a worker that wants to reuse it. The
     * rest keeps the helpers' CPU low and even: no more threads for the queue than it needs, and a
     * heap in which nothing but young collections happens, since their pauses count as the
     * worker's.
     */
    private static final List<String> FLAGS =
            List.of(
                    "-Dsun.net.httpserver.maxIdleConnections=4096",
                    "-Dsun.net.httpserver.nodelay=true",
                    "-Xms1g",
                    "-Xmx1g",
                    "-Xmn512m",
                    "-Dpekko.actor.default-dispatcher.fork-join-executor.parallelism-min=2",
                    "-Dpekko.actor.default-dispatcher.fork-join-executor.parallelism-max=2");

    /** So that no connection's TLS session is resumed. */
    private static final String NO_TICKETS = "-Djdk.tls.server.newSessionTicketCount=0";

    private final ChildJvm process;

    /** Nothing but an image host, a queue and a sink on this machine. */
    public Helpers(
            List<String> tasks, ImageHostOptions images, Duration sinkLatency, double largeShare)
            throws IOException {
        this(tasks, images, new Surroundings(), sinkLatency, largeShare);
    }

    /**
     * @param tasks of every message
     * @param images which they serve
     * @param sinkLatency of the callback sink
     * @param largeShare of the messages that get an image which takes long to decode, 0 to 1
     */
    Helpers(
            List<String> tasks,
            ImageHostOptions images,
            Surroundings surroundings,
            Duration sinkLatency,
            double largeShare)
            throws IOException {
        List<String> arguments = new ArrayList<>(images.arguments());
        arguments.addAll(surroundings.arguments());
        arguments.add("--sink-latency=" + Millis.text(sinkLatency));
        arguments.add("--large-share=" + largeShare);
        arguments.add("--tasks=" + String.join(",", tasks));
        List<String> flags = new ArrayList<>(FLAGS);
        if (!surroundings.https) {
            // The second compiler alone knows the CPU's instructions for TLS: without it an image
            // of 150 kB costs 5 ms.
            flags.addAll(ChildJvm.FIRST_COMPILER);
        }
        if (surroundings.reuse == Surroundings.Reuse.NOTHING) {
            flags.add(NO_TICKETS);
        }
        process = new ChildJvm(flags, BenchHelpers.class, arguments);
    }

    /** For the process of a worker: the options that name the queue. */
    public List<String> queue() {
        return List.of(
                "--queue=" + process.greeting().path("queue").asText(),
                "--endpoint=" + process.greeting().path("endpoint").asText());
    }

    /**
     * For the process of a worker: the option that names the bucket's endpoint, if there is one.
     */
    List<String> objects() {
        String endpoint = process.greeting().path("objects").asText();
        return endpoint.isEmpty() ? List.of() : List.of("--objects=" + endpoint);
    }

    /** For the JVM of a worker: with them it trusts these, where they use TLS. */
    public List<String> workerFlags() {
        List<String> flags = new ArrayList<>();
        process.greeting().path("worker_flags").forEach(flag -> flags.add(flag.asText()));
        return flags;
    }

    /** Gives a command that {@link BenchHelpers} knows. */
    public JsonNode ask(String command) throws IOException {
        return process.ask(command);
    }

    /** What the {@code worker} and these do from now on for so long. */
    public ObjectNode measured(ChildJvm worker, Duration time) throws IOException {
        worker.ask("mark");
        ask("mark");
        Pauses.sleep(time.toNanos());
        ObjectNode figures = JsonNodeFactory.instance.objectNode();
        figures.set("worker", worker.ask("report"));
        figures.set("helpers", ask("report"));
        return figures;
    }

    /** Ends what was sent, so that the next figure begins with an empty queue. */
    public void settle() throws IOException {
        ask("stop");
        ask("clear");
    }

    @Override
    public void close() throws IOException {
        process.close();
    }
}
