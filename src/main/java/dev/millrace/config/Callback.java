package dev.millrace.config;

import static dev.millrace.yaml.Scalars.integer;

import dev.millrace.yaml.Scalars;
import dev.millrace.yaml.YamlSection;
import java.time.Duration;
import java.util.List;

/**
 * How results are posted, and with what they are signed.
 *
 * @param timeout of one attempt
 * @param allowAddresses CIDRs of otherwise forbidden addresses that callback URLs may lead to
 * @param secrets that sign what goes to hosts without secrets of their own; none for unsigned ones
 * @param hosts that have secrets of their own; the first that matches counts
 */
public record Callback(
        Duration timeout,
        int attempts,
        List<String> allowAddresses,
        List<String> allowHosts,
        List<String> secrets,
        List<Host> hosts) {
    public static final Callback DEFAULT =
            new Callback(Duration.ofSeconds(15), 3, List.of(), List.of(), List.of(), List.of());

    private static final int MAX_ATTEMPTS = 10;

    public Callback {
        allowAddresses = List.copyOf(allowAddresses);
        allowHosts = List.copyOf(allowHosts);
        secrets = List.copyOf(secrets);
        hosts = List.copyOf(hosts);
    }

    /**
     * A callback host with secrets that sign for no other.
     *
     * @param host its name, or {@code *.} and a name for all below it
     */
    public record Host(String host, List<String> secrets) {
        public Host {
            secrets = List.copyOf(secrets);
        }

        /** Without the secrets. */
        @Override
        public String toString() {
            return "%s with %d secrets".formatted(host, secrets.size());
        }
    }

    static Callback read(YamlSection root, Callback defaults) {
        YamlSection callback =
                root.section(
                        "callback",
                        "timeout, attempts, allowAddresses, allowHosts, secrets, hosts, userAgent"
                                + ", headers");
        return new Callback(
                callback.get("timeout", Scalars::duration, defaults.timeout()),
                callback.get("attempts", integer(1, MAX_ATTEMPTS), defaults.attempts()),
                callback.texts("allowAddresses"),
                callback.texts("allowHosts"),
                callback.secrets("secrets"),
                callback.sections("hosts", "host, secrets").stream().map(Callback::host).toList());
    }

    private static Host host(YamlSection section) {
        List<String> secrets = section.secrets("secrets");
        if (secrets.isEmpty()) {
            throw section.missing("secrets", "give what signs the callbacks to this host");
        }
        return new Host(
                section.required("host", "name the callback host, such as results.example.com"),
                secrets);
    }

    public Callback withAddresses(List<String> cidrs, List<String> onlyHosts) {
        return new Callback(timeout, attempts, cidrs, onlyHosts, secrets, hosts);
    }

    /** Without the secrets. */
    @Override
    public String toString() {
        return "Callback[timeout=%s, attempts=%s, allowAddresses=%s, allowHosts=%s, %s secrets, hosts=%s]"
                .formatted(timeout, attempts, allowAddresses, allowHosts, secrets.size(), hosts);
    }
}
