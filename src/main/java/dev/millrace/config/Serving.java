package dev.millrace.config;

import static dev.millrace.yaml.Scalars.bytes;
import static dev.millrace.yaml.Scalars.integer;
import static dev.millrace.yaml.Scalars.number;

import dev.millrace.fetch.FetchLimits;
import dev.millrace.serve.ServeSettings;
import dev.millrace.yaml.Scalars;
import dev.millrace.yaml.YamlSection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reads how callers are served who wait for their answers. */
public final class Serving {
    private static final int MAX_PORT = 65_535;
    private static final int MAX_BODY = 1 << 30;
    private static final double LEAST_SHARE = 0.01;
    private static final int MIN_TOKEN = 16;
    private static final Duration MAX_DEADLINE = Duration.ofMinutes(10);

    private Serving() {}

    /** Everything by default but where to listen and how much callers may have. */
    public static ServeSettings of(int port, String bind, double share, FetchLimits limits) {
        return new ServeSettings(
                port,
                bind,
                List.of(),
                share,
                limits.maxBytes(),
                ServeSettings.DEADLINE,
                limits.minimumRate(),
                Optional.empty(),
                Optional.empty());
    }

    /**
     * @param limits of downloads, which hold for what is sent, too
     */
    static Optional<ServeSettings> read(YamlSection root, Path folder, FetchLimits limits) {
        YamlSection serve =
                root.section(
                        "serve", "port, bind, allowedHosts, share, maxBody, deadline, token, tls");
        Optional<Integer> port = serve.get("port", integer(0, MAX_PORT));
        if (port.isEmpty()) {
            if (serve.keys().isEmpty()) {
                return Optional.empty();
            }
            throw serve.missing("port", "give the port that callers use, such as 8000");
        }
        ServeSettings defaults = of(port.get(), ServeSettings.LOOPBACK, ServeSettings.HALF, limits);
        Duration deadline = serve.get("deadline", Scalars::duration, defaults.deadline());
        if (!deadline.isPositive() || deadline.compareTo(MAX_DEADLINE) > 0) {
            throw serve.wrong(
                    "deadline", deadline.toMillis() + "ms", "is not from 1ms to 10m; such as 10s");
        }
        return Optional.of(
                new ServeSettings(
                        port.get(),
                        serve.text("bind").orElse(defaults.bind()),
                        serve.texts("allowedHosts"),
                        serve.get("share", number(LEAST_SHARE, 1), defaults.share()),
                        serve.get("maxBody", bytes(MAX_BODY))
                                .map(Long::intValue)
                                .orElse(defaults.maxBody()),
                        deadline,
                        defaults.minimumRate(),
                        token(serve),
                        tls(serve, folder)));
    }

    private static Optional<String> token(YamlSection serve) {
        List<String> tokens = serve.secrets("token");
        if (tokens.size() > 1 || tokens.stream().anyMatch(one -> one.length() < MIN_TOKEN)) {
            throw serve.missing("token", "give one of %d characters or more".formatted(MIN_TOKEN));
        }
        return tokens.stream().findFirst();
    }

    private static Optional<ServeSettings.Tls> tls(YamlSection serve, Path folder) {
        YamlSection tls = serve.section("tls", "certificate, key");
        if (tls.keys().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new ServeSettings.Tls(
                        folder.resolve(
                                tls.required(
                                        "certificate", "give the PEM file with the whole chain")),
                        folder.resolve(
                                tls.required("key", "give the PEM file with the private key"))));
    }
}
