package dev.millrace.config;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The variables that Kubernetes gives each container for each service of its namespace. A service
 * named {@code millrace}, or {@code millrace-} and more, has some that begin as the worker's own
 * do; one of {@code millrace-http} even has the name of a key. Their values tell them apart.
 */
final class ServiceVariables {
    private static final String SERVICE = "MILLRACE(_[A-Z0-9_]+)?";
    private static final String PROTOCOL = "(TCP|UDP|SCTP)";
    private static final String URL = "(tcp|udp|sctp)://\\S+";

    /** What follows is the name of a header, which may end as a service's variable does. */
    private static final String HEADERS = "MILLRACE_CALLBACK_HEADERS_";

    /** Name and value of each shape. */
    private static final Map<Pattern, Pattern> SHAPES =
            Map.of(
                    Pattern.compile(SERVICE + "_SERVICE_HOST"),
                    Pattern.compile("[0-9A-Fa-f.:]+"),
                    Pattern.compile(SERVICE + "_SERVICE_PORT(_[A-Z0-9_]+)?"),
                    Pattern.compile("\\d+"),
                    Pattern.compile(SERVICE + "_PORT(_\\d+_" + PROTOCOL + ")?"),
                    Pattern.compile(URL),
                    Pattern.compile(SERVICE + "_PORT_\\d+_" + PROTOCOL + "_PORT"),
                    Pattern.compile("\\d+"),
                    Pattern.compile(SERVICE + "_PORT_\\d+_" + PROTOCOL + "_PROTO"),
                    Pattern.compile("tcp|udp|sctp"),
                    Pattern.compile(SERVICE + "_PORT_\\d+_" + PROTOCOL + "_ADDR"),
                    Pattern.compile("[0-9A-Fa-f.:]+"));

    private ServiceVariables() {}

    /** The environment without them. */
    static Map<String, String> without(Map<String, String> environment) {
        Map<String, String> rest = new TreeMap<>(environment);
        rest.entrySet().removeIf(entry -> isOne(entry.getKey(), entry.getValue()));
        return rest;
    }

    private static boolean isOne(String name, String value) {
        return !name.startsWith(HEADERS)
                && SHAPES.entrySet().stream()
                        .anyMatch(
                                shape ->
                                        shape.getKey().matcher(name).matches()
                                                && shape.getValue().matcher(value).matches());
    }
}
