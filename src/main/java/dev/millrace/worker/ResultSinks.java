package dev.millrace.worker;

import dev.millrace.config.WorkerConfig;
import dev.millrace.deliver.CallbackSink;
import dev.millrace.deliver.ObjectSink;
import dev.millrace.deliver.OutputSink;
import dev.millrace.deliver.QueueSink;
import dev.millrace.deliver.ResultSink;
import dev.millrace.deliver.TopicSink;
import dev.millrace.deliver.WebhookSigner;
import dev.millrace.job.Destination;
import dev.millrace.nativelib.ResultOutput;
import dev.millrace.net.GuardedHttp;
import dev.millrace.resource.Resources;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Which sink takes the results for a destination. Queues, topics and prefixes are the operator's,
 * listed in the configuration, so that a sink is kept for each once a result went there, and a
 * client for each of their servers. Thread-safe.
 */
final class ResultSinks implements Function<Destination, ResultSink>, AutoCloseable {
    /** Calls of one queue or topic beside each other: 160 results. */
    static final int CALLS = 16;

    /** How long a result waits for others to go with it. */
    private static final Duration LINGER = Duration.ofMillis(5);

    private final WorkerConfig config;
    private final CallbackSink callbacks;
    private final WebhookSigner signer;
    private final Optional<OutputSink> output;
    private final Map<String, ResultSink> sinks = new HashMap<>();
    private final Map<String, SqsClient> queues = new HashMap<>();
    private final Map<String, SnsClient> topics = new HashMap<>();
    private final Resources clients = new Resources();
    private GuardedHttp stores;

    /**
     * @param instead of standard output
     * @param fault is told where standard output takes no results any more
     */
    ResultSinks(
            WorkerConfig config,
            CallbackSink callbacks,
            WebhookSigner signer,
            Optional<OutputStream> instead,
            Consumer<Throwable> fault) {
        this.config = config;
        this.callbacks = callbacks;
        this.signer = signer;
        this.output =
                config.results()
                        .otherwise()
                        .filter(Destination.Output.class::isInstance)
                        .map(
                                _ ->
                                        clients.own(
                                                new OutputSink(
                                                        instead.orElseGet(ResultOutput::take),
                                                        fault)));
        // What the configuration gets wrong is said at the start.
        config.results().otherwise().ifPresent(this::apply);
        config.results().allowQueues().forEach(url -> apply(new Destination.Queue(url)));
    }

    @Override
    public ResultSink apply(Destination destination) {
        return switch (destination) {
            case Destination.Callback _ -> callbacks;
            case Destination.Output _ -> output.orElseThrow();
            default -> kept(destination);
        };
    }

    private synchronized ResultSink kept(Destination destination) {
        ResultSink known = sinks.get(destination.peer());
        if (known == null) {
            known = opened(destination);
            sinks.put(destination.peer(), known);
        }
        return known;
    }

    private ResultSink opened(Destination destination) {
        return switch (destination) {
            case Destination.Queue(String url) -> {
                SqsClient client =
                        queues.computeIfAbsent(
                                URI.create(url).getRawAuthority(),
                                _ -> clients.own(ClientFactory.results(url, config)));
                yield new QueueSink(client, url, signer, LINGER, CALLS);
            }
            case Destination.Topic topic -> {
                SnsClient client =
                        topics.computeIfAbsent(
                                topic.region(),
                                region -> clients.own(ClientFactory.topics(region, config)));
                yield new TopicSink(client, topic.arn(), signer, LINGER, CALLS);
            }
            case Destination.Objects objects ->
                    new ObjectSink(
                            stores(),
                            clients.own(ClientFactory.store(objects.bucket(), config)),
                            signer);
            case Destination.Callback _, Destination.Output _, Destination.Caller _ ->
                    throw new IllegalArgumentException(destination.name());
        };
    }

    private GuardedHttp stores() {
        if (stores == null) {
            stores = clients.own(ClientFactory.stores(config));
        }
        return stores;
    }

    @Override
    public synchronized void close() {
        clients.close();
    }
}
