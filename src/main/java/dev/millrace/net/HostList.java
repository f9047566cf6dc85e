package dev.millrace.net;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;

/**
 * Hosts that an operator names: {@code example.com} is that host alone, {@code *.example.com} every
 * host below it. Compared as URLs hold them, so capitals, escapes and a dot at the end do not
 * matter. Immutable.
 */
public final class HostList {
    private static final String BELOW = "*.";

    /** What would end up beside the host: a scheme, a port, a path, a user. */
    private static final Pattern NAME = Pattern.compile("[^:/?#@*\\\\\\s]+|\\[[^]]+]");

    private final Set<String> hosts = new HashSet<>();
    private final Set<String> suffixes = new HashSet<>();

    /**
     * @throws IllegalArgumentException with one line that names the entry that is no host
     */
    public HostList(List<String> entries) {
        for (String entry : entries) {
            if (entry.startsWith(BELOW)) {
                suffixes.add("." + host(entry, entry.substring(BELOW.length())));
            } else {
                hosts.add(host(entry, entry));
            }
        }
    }

    private static String host(String entry, String text) {
        HttpUrl url = HttpUrl.parse("http://" + text + "/");
        if (url == null || !NAME.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "'%s' is not a host name; write it like results.example.com or *.example.com"
                            .formatted(entry));
        }
        return withoutDot(url.host());
    }

    /** The name without the dot of the root, which names the same host. */
    static String withoutDot(String host) {
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }

    /**
     * @param host as {@link HttpUrl#host} gives it
     */
    public boolean contains(String host) {
        String name = withoutDot(host);
        if (hosts.contains(name)) {
            return true;
        }
        for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
            if (dot > 0 && suffixes.contains(name.substring(dot))) {
                return true;
            }
        }
        return false;
    }
}
