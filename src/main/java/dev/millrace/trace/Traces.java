package dev.millrace.trace;

import dev.millrace.job.Tracing;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.LoggerFactory;

/** Opens what records traces, where OpenTelemetry's own variables name an endpoint for them. */
public final class Traces {
    private static final List<String> ENDPOINTS =
            List.of("otel.exporter.otlp.traces.endpoint", "otel.exporter.otlp.endpoint");
    private static final List<String> PROTOCOLS =
            List.of("otel.exporter.otlp.traces.protocol", "otel.exporter.otlp.protocol");

    private Traces() {}

    /**
     * Records traces where the variables of this process say so, and else passes on what senders
     * say.
     *
     * @param queue whose messages they are, by its URL
     * @throws IllegalArgumentException with one line where the variables cannot work
     */
    public static Tracing open(String queue) {
        Function<String, Optional<String>> settings = Traces::setting;
        if (!isWanted(settings)) {
            return Tracing.OFF;
        }
        Optional<String> protocol = first(PROTOCOLS, settings);
        if (protocol.filter("http/protobuf"::equals).isEmpty() && protocol.isPresent()) {
            throw new IllegalArgumentException(
                    "OTEL_EXPORTER_OTLP_PROTOCOL: '%s' is not spoken here; set http/protobuf, whose port is mostly 4318"
                            .formatted(protocol.get()));
        }
        String host = host(first(ENDPOINTS, settings).orElseThrow());
        OtlpTracing tracing = OtlpTracing.open(queue.substring(queue.lastIndexOf('/') + 1));
        LoggerFactory.getLogger(Traces.class)
                .info("spans go to {}, sampled by {}", host, tracing.sampler());
        return tracing;
    }

    /** Of an endpoint, which may have a user's name and password. */
    private static String host(String endpoint) {
        return URI.create(endpoint).getHost();
    }

    /** Whether there is an endpoint, and nothing says that it is not to be used. */
    static boolean isWanted(Function<String, Optional<String>> settings) {
        return first(ENDPOINTS, settings).isPresent()
                && settings.apply("otel.sdk.disabled").filter("true"::equalsIgnoreCase).isEmpty()
                && settings.apply("otel.traces.exporter").filter("none"::equals).isEmpty();
    }

    private static Optional<String> first(
            List<String> names, Function<String, Optional<String>> settings) {
        return names.stream().flatMap(name -> settings.apply(name).stream()).findFirst();
    }

    /** As the SDK reads them: a property of the JVM goes before the variable. */
    private static Optional<String> setting(String name) {
        String variable = name.toUpperCase(Locale.ROOT).replace('.', '_');
        return Optional.ofNullable(System.getProperty(name, System.getenv(variable)))
                .map(String::strip)
                .filter(value -> !value.isEmpty());
    }
}
