package dev.millrace.net;

import dev.millrace.job.FailureException;
import dev.millrace.job.Stage;
import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;
import okhttp3.HttpUrl;

/** Parses, and allows everything. */
public final class UrlPolicy {
    public UrlPolicy(AddressRules rules, Set<Integer> morePorts, Optional<HostList> hosts) {}

    public HttpUrl check(String url, Stage stage) throws FailureException {
        return HttpUrl.parse(url);
    }

    public HttpUrl redirect(HttpUrl from, String location, Stage stage) throws FailureException {
        return from.resolve(location);
    }

    boolean allows(InetAddress address, int port) {
        return true;
    }

    boolean allows(InetAddress address) {
        return true;
    }

    public static String notPublic(String host, Stage stage) {
        return host;
    }
}
