package dev.millrace.worker;

import dev.millrace.config.ConfigException;
import dev.millrace.config.Results;
import dev.millrace.config.SourceDefaults;
import dev.millrace.config.WorkerConfig;
import dev.millrace.job.Destination;
import dev.millrace.job.FailureException;
import dev.millrace.job.Stage;
import dev.millrace.net.AddressRules;
import dev.millrace.net.Cidr;
import dev.millrace.net.HostList;
import dev.millrace.net.UrlPolicy;
import dev.millrace.source.ContentsReader;
import dev.millrace.source.Destinations;
import dev.millrace.source.RequestDefaults;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which URLs a worker with a configuration calls. Each throws {@link ConfigException} with one line
 * that names the key.
 */
public final class UrlPolicies {
    private UrlPolicies() {}

    public static UrlPolicy images(WorkerConfig config) {
        return of(config.fetch().allowAddresses(), "fetch.allowAddresses", Optional.empty());
    }

    /**
     * How a worker with a configuration reads messages, those that leave something to it included.
     */
    public static ContentsReader contents(WorkerConfig config) {
        SourceDefaults defaults = config.source();
        Destinations destinations = results(config);
        if (defaults.callback().isPresent()) {
            destinations =
                    destinations.otherwise(callback(defaults.callback().get(), destinations));
        }
        return new ContentsReader(
                destinations, new RequestDefaults(defaults.tasks(), defaults.metadata()));
    }

    private static Destination callback(String url, Destinations destinations) {
        if (destinations.otherwise().isPresent()) {
            throw new ConfigException(
                    "source.defaults: has both callback and results; give one of them");
        }
        try {
            return new Destination.Callback(destinations.callbacks().check(url, Stage.CALLBACK));
        } catch (FailureException e) {
            throw new ConfigException("source.defaults.callback: " + e.getMessage());
        }
    }

    /** Where results may go that a message or {@code source.defaults.results} names. */
    private static Destinations results(WorkerConfig config) {
        Results results = config.results();
        return new Destinations(
                of(
                        config.callback().allowAddresses(),
                        "callback.allowAddresses",
                        hosts(config.callback().allowHosts())),
                Set.copyOf(results.allowQueues()),
                Set.copyOf(results.allowTopics()),
                results.allowPrefixes(),
                results.otherwise());
    }

    /** The only hosts of callbacks, if there is a list. */
    static Optional<HostList> hosts(List<String> allowed) {
        return ClientFactory.checked(
                "callback.allowHosts",
                () -> Optional.of(allowed).filter(hosts -> !hosts.isEmpty()).map(HostList::new));
    }

    static UrlPolicy of(List<String> allowAddresses, String key, Optional<HostList> hosts) {
        List<Cidr> allowed =
                ClientFactory.checked(key, () -> allowAddresses.stream().map(Cidr::parse).toList());
        return new UrlPolicy(new AddressRules(allowed), Set.of(), hosts);
    }
}
