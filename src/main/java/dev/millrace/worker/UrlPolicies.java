package dev.millrace.worker;

import dev.millrace.config.ConfigException;
import dev.millrace.config.Results;
import dev.millrace.config.WorkerConfig;
import dev.millrace.net.AddressRules;
import dev.millrace.net.Cidr;
import dev.millrace.net.HostList;
import dev.millrace.net.UrlPolicy;
import dev.millrace.source.Destinations;
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

    /** Where results may go. */
    public static Destinations results(WorkerConfig config) {
        return results(
                config,
                of(
                        config.callback().allowAddresses(),
                        "callback.allowAddresses",
                        hosts(config.callback().allowHosts())));
    }

    static Destinations results(WorkerConfig config, UrlPolicy callbacks) {
        Results results = config.results();
        return new Destinations(
                callbacks,
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
