package dev.millrace.worker;

import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import dev.millrace.deliver.WebhookSigner;
import dev.millrace.net.AddressRules;
import dev.millrace.net.Cidr;
import dev.millrace.net.GuardedHttp;
import dev.millrace.net.HostList;
import dev.millrace.net.HttpLimits;
import dev.millrace.net.UrlPolicy;
import dev.millrace.source.QueueProbe;
import dev.millrace.source.QueueSettings;
import dev.millrace.source.QueueUnavailableException;
import dev.millrace.source.SqsClients;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Opens the worker's ways out, as the configuration says. Each throws {@link ConfigException} with
 * one line that names the key; the caller closes what it gets.
 */
public final class ClientFactory {
    private static final int IDLE_CONNECTIONS = 256;
    private static final Duration CALLBACK_CONNECT = Duration.ofSeconds(2);

    private ClientFactory() {}

    static GuardedHttp images(WorkerConfig.Fetch fetch) {
        return http(
                fetch.allowAddresses(),
                "fetch.allowAddresses",
                Optional.empty(),
                fetch.limits().http(IDLE_CONNECTIONS));
    }

    static GuardedHttp callbacks(WorkerConfig.Callback callback) {
        return http(
                callback.allowAddresses(),
                "callback.allowAddresses",
                hosts(callback.allowHosts()),
                new HttpLimits(
                        CALLBACK_CONNECT,
                        callback.timeout(),
                        callback.timeout(),
                        IDLE_CONNECTIONS));
    }

    private static Optional<HostList> hosts(List<String> allowHosts) {
        try {
            return allowHosts.isEmpty() ? Optional.empty() : Optional.of(new HostList(allowHosts));
        } catch (IllegalArgumentException e) {
            throw new ConfigException("callback.allowHosts: " + e.getMessage());
        }
    }

    private static GuardedHttp http(
            List<String> allowAddresses, String key, Optional<HostList> hosts, HttpLimits limits) {
        List<Cidr> allowed = new ArrayList<>();
        for (String cidr : allowAddresses) {
            try {
                allowed.add(Cidr.parse(cidr));
            } catch (IllegalArgumentException e) {
                throw new ConfigException(key + ": " + e.getMessage());
            }
        }
        return new GuardedHttp(new UrlPolicy(new AddressRules(allowed), Set.of(), hosts), limits);
    }

    static WebhookSigner signer(WorkerConfig.Callback callback) {
        try {
            return WebhookSigner.of(callback.secrets());
        } catch (IllegalArgumentException e) {
            throw new ConfigException("callback.secrets: " + e.getMessage());
        }
    }

    /** A client of a queue that answers. */
    static SqsClient queue(QueueSettings settings) {
        SqsClient client;
        try {
            client = SqsClients.create(settings);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("queue: " + e.getMessage());
        }
        try {
            new QueueProbe(client, settings).describe();
            return client;
        } catch (QueueUnavailableException e) {
            client.close();
            throw new ConfigException("queue.url: " + e.getMessage());
        }
    }
}
