package dev.millrace.config;

import dev.millrace.yaml.YamlSection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What the worker calls itself towards the hosts of images and callbacks, and the headers that
 * callbacks carry beside its own. Values may be secrets: neither a mistake nor {@link #toString}
 * shows one. Throws {@link ConfigException} with one line for what cannot be sent.
 *
 * @param fetchAgent of downloads; the name of this build where there is none
 * @param callbackAgent of callbacks, likewise
 * @param callbacks the other headers of callbacks, by name
 */
public record CallHeaders(
        Optional<String> fetchAgent,
        Optional<String> callbackAgent,
        Map<String, String> callbacks) {
    public static final CallHeaders DEFAULT =
            new CallHeaders(Optional.empty(), Optional.empty(), Map.of());

    private static final String AGENT = "User-Agent";
    private static final String KEY = "callback.headers";
    private static final int MAX_HEADERS = 32;
    private static final int MAX_CHARS = 4096;
    private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}");
    private static final Pattern VALUE =
            Pattern.compile("[\\x21-\\x7e]([\\t\\x20-\\x7e]*[\\x21-\\x7e])?");

    /** Those that say how a request is to be read, and by whom. */
    private static final Set<String> RESERVED =
            Set.of(
                    "host",
                    "content-length",
                    "content-type",
                    "content-encoding",
                    "transfer-encoding",
                    "connection",
                    "keep-alive",
                    "accept-encoding",
                    "expect",
                    "te",
                    "trailer",
                    "upgrade");

    public CallHeaders {
        fetchAgent.ifPresent(agent -> requireValue("fetch.userAgent", agent));
        callbackAgent.ifPresent(agent -> requireValue("callback.userAgent", agent));
        callbacks = Collections.unmodifiableMap(new LinkedHashMap<>(callbacks));
        if (callbacks.size() > MAX_HEADERS) {
            throw new ConfigException(
                    "%s: it has %d headers, more than the %d that are sent; leave some out"
                            .formatted(KEY, callbacks.size(), MAX_HEADERS));
        }
        Set<String> known = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        callbacks.forEach(
                (name, value) -> {
                    requireName(name);
                    if (!known.add(name)) {
                        throw new ConfigException(
                                "%s: the header '%s' is there twice; give each one value"
                                        .formatted(KEY, name));
                    }
                    requireValue(KEY + "." + name, value);
                });
    }

    static CallHeaders read(YamlSection root) {
        YamlSection callback = root.section("callback", "");
        return new CallHeaders(
                root.section("fetch", "").text("userAgent"),
                callback.text("userAgent"),
                callback.entries("headers"));
    }

    private static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new ConfigException(
                    "%s: '%s' cannot be the name of a header; use letters, digits and hyphens"
                            .formatted(KEY, name.replaceAll("\\p{Cntrl}", "?")));
        }
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.equals("user-agent")) {
            throw new ConfigException(
                    "%s: '%s' has a key of its own; set callback.userAgent".formatted(KEY, name));
        }
        if (RESERVED.contains(lower)
                || lower.startsWith("webhook-")
                || lower.startsWith("proxy-")) {
            throw new ConfigException(
                    "%s: '%s' is a header that the worker sets itself; leave it out"
                            .formatted(KEY, name));
        }
    }

    private static void requireValue(String key, String value) {
        if (value.length() > MAX_CHARS || !VALUE.matcher(value).matches()) {
            throw new ConfigException(
                    "%s: the value (not shown) cannot be sent in a header; give one line of 1 to %d ASCII characters, without line breaks"
                            .formatted(key, MAX_CHARS));
        }
    }

    /** Those of each download. */
    public Map<String, String> ofDownloads() {
        return fetchAgent.map(agent -> Map.of(AGENT, agent)).orElse(Map.of());
    }

    /** Those of each callback. */
    public Map<String, String> ofCallbacks() {
        Map<String, String> all = new LinkedHashMap<>(callbacks);
        callbackAgent.ifPresent(agent -> all.put(AGENT, agent));
        return all;
    }

    /** Without the values. */
    @Override
    public String toString() {
        return "CallHeaders[" + String.join(", ", callbacks.keySet()) + "]";
    }
}
