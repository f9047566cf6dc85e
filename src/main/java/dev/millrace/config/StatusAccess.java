package dev.millrace.config;

import dev.millrace.serve.ServeSettings;
import dev.millrace.yaml.YamlSection;
import java.util.List;

/**
 * Who reaches the port of metrics and health.
 *
 * @param bind address or name of the interface that it listens on
 * @param allowedHosts names under which it is reached, as {@link dev.millrace.serve.BrowserGuard}
 *     takes them
 */
public record StatusAccess(String bind, List<String> allowedHosts) {
    public static final String HOSTS_KEY = "http.allowedHosts";

    /** This machine alone. */
    public static final StatusAccess DEFAULT = at(ServeSettings.LOOPBACK);

    public StatusAccess {
        allowedHosts = List.copyOf(allowedHosts);
    }

    public static StatusAccess at(String bind) {
        return new StatusAccess(bind, List.of());
    }

    static StatusAccess read(YamlSection http) {
        return new StatusAccess(http.text("bind").orElse(DEFAULT.bind), http.texts("allowedHosts"));
    }
}
