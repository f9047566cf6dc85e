package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.lab.demo.LoadJson;
import dev.millrace.lab.demo.LocalQueue;
import dev.millrace.resource.Deadline;
import dev.millrace.resource.Resources;
import dev.millrace.source.QueueSettings;
import dev.millrace.source.QueueUnavailableException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Everything around the worker in one process: the queue and who fills it, the image host, the
 * sink. {@link Helpers} starts it, and its greeting has {@code queue}, {@code endpoint}, {@code
 * objects} and {@code worker_flags}.
 */
@Command(name = "bench-helpers")
public final class BenchHelpers implements Callable<Integer> {
    private static final Duration VISIBILITY = Duration.ofSeconds(60);
    private static final Duration SETTLE = Duration.ofSeconds(10);

    @Mixin private ImageHostOptions images;
    @Mixin private Surroundings surroundings;

    @Option(names = "--sink-latency", required = true, converter = Millis.class)
    private Duration sinkLatency;

    @Option(names = "--large-share", defaultValue = "0")
    private double largeShare;

    @Option(names = "--tasks", split = ",", required = true)
    private List<String> tasks;

    /** Where the bucket's objects are; empty where there is none. */
    private String objects = "";

    private long markNs;
    private long markCpuNs;
    private long markBytes;

    @Override
    public Integer call() throws Exception {
        Pictures pictures =
                new Pictures(images.images(), images.progressive(), largeShare, images.seed());
        ImageHost host =
                new ImageHost(
                        pictures.all(),
                        images.latency(),
                        images.jitter(),
                        surroundings.reuse != Surroundings.Reuse.CONNECTION,
                        images.seed());
        ResultSink sink = new ResultSink(sinkLatency);
        try (Resources owned = new Resources()) {
            LocalQueue queue = owned.own(new LocalQueue(VISIBILITY));
            Optional<LoopbackCertificate> certificate = certificate(owned);
            LoopbackServers servers = owned.own(new LoopbackServers(certificate));
            Sender sender =
                    new Sender(
                            new QueueWriter(queue.settings()),
                            sink,
                            pictures,
                            tasks,
                            imageHosts(servers, host),
                            servers.open(1, Map.of(ResultSink.PATH, sink::take)) + ResultSink.PATH,
                            surroundings.poisson
                                    ? Optional.of(new Random(images.seed()))
                                    : Optional.empty());
            Dialogue.answer(greeting(queue.settings(), servers, owned, certificate));
            Dialogue.serve(
                    (command, argument) -> handle(command, argument, host, sink, queue, sender));
            sender.stop();
        }
        return 0;
    }

    private Optional<LoopbackCertificate> certificate(Resources owned) throws IOException {
        return surroundings.https
                ? Optional.of(owned.own(new LoopbackCertificate(surroundings.hosts)))
                : Optional.empty();
    }

    /** What the URLs of images begin with. */
    private List<String> imageHosts(LoopbackServers servers, ImageHost host) throws IOException {
        List<String> hosts = new ArrayList<>();
        if (surroundings.bucket) {
            String bucket = "/" + ImageHost.BUCKET;
            objects = servers.open(1, Map.of(bucket + ImageHost.PATH, host::serve));
            return List.of("s3:/" + bucket);
        }
        for (int number = 1; number <= surroundings.hosts; number++) {
            hosts.add(servers.open(number, Map.of(ImageHost.PATH, host::serve)));
        }
        return hosts;
    }

    /** Where a worker finds the queue, and the flags with which its JVM trusts it. */
    private ObjectNode greeting(
            QueueSettings queue,
            LoopbackServers servers,
            Resources owned,
            Optional<LoopbackCertificate> certificate)
            throws IOException {
        URI endpoint = queue.endpoint().orElseThrow();
        URI url = URI.create(queue.url());
        if (surroundings.queueIsFar()) {
            QueueProxy proxy =
                    owned.own(
                            new QueueProxy(
                                    endpoint,
                                    surroundings.queueLatency.orElse(Duration.ZERO),
                                    surroundings.shortAnswers,
                                    images.seed()));
            endpoint = URI.create(servers.open(1, Map.of(QueueProxy.PATH, proxy::serve)));
            url = endpoint.resolve(url.getPath());
        }
        ObjectNode greeting =
                object().put("queue", url.toString())
                        .put("endpoint", endpoint.toString())
                        .put("objects", objects);
        ArrayNode flags = greeting.putArray("worker_flags");
        certificate.ifPresent(made -> made.clientFlags().forEach(flags::add));
        if (surroundings.bucket) {
            // Any will do; where there are none, a worker signs nothing.
            flags.add("-Daws.accessKeyId=bench").add("-Daws.secretAccessKey=bench");
        }
        return greeting;
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private ObjectNode handle(
            String command,
            String argument,
            ImageHost host,
            ResultSink sink,
            LocalQueue queue,
            Sender sender)
            throws InterruptedException, QueueUnavailableException {
        ObjectNode answer = object();
        switch (command) {
            case "floor" -> floor(argument.split(" "), queue, sink, sender, answer);
            case "fill" -> sender.fill(Integer.parseInt(argument));
            case "rate" -> sender.rate(Double.parseDouble(argument));
            case "stop" -> sender.stop();
            case "clear" -> clear(queue, sink);
            case "latency" -> host.latency(new Millis().convert(argument));
            case "mark" -> mark(host, sink);
            case "report" -> report(host, sink, answer);
            default -> throw new IllegalArgumentException("unknown command " + command);
        }
        return answer;
    }

    /** Waits until the worker has finished what it has; nothing more comes. */
    private static void clear(LocalQueue queue, ResultSink sink)
            throws InterruptedException, QueueUnavailableException {
        queue.clear();
        Deadline deadline = Deadline.in(SETTLE);
        while (queue.left() > 0 && !deadline.passed()) {
            Thread.sleep(100);
            queue.clear();
        }
        sink.clear();
    }

    /**
     * @param rateAndNanos messages per second, and for how long
     */
    private static void floor(
            String[] rateAndNanos,
            LocalQueue queue,
            ResultSink sink,
            Sender sender,
            ObjectNode answer)
            throws InterruptedException, QueueUnavailableException {
        sender.rate(Double.parseDouble(rateAndNanos[0]));
        new QueueFloor(queue.settings(), sink).measure(Long.parseLong(rateAndNanos[1]), answer);
        sender.stop();
        clear(queue, sink);
    }

    private void mark(ImageHost host, ResultSink sink) {
        sink.mark();
        markBytes = host.bytesServed();
        markCpuNs = cpuNs();
        markNs = System.nanoTime();
    }

    private void report(ImageHost host, ResultSink sink, ObjectNode answer) {
        double elapsedNs = System.nanoTime() - markNs;
        answer.put("elapsed_s", LoadJson.rounded(elapsedNs / 1e9));
        answer.put("cpu_cores", LoadJson.rounded((cpuNs() - markCpuNs) / elapsedNs));
        answer.put("bytes_served", host.bytesServed() - markBytes);
        sink.report(answer);
    }

    private static long cpuNs() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean os
                ? os.getProcessCpuTime()
                : 0;
    }
}
