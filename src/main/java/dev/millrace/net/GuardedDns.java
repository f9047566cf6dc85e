package dev.millrace.net;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import okhttp3.Dns;

/**
 * Refuses a name if any of its addresses is forbidden: a name that has both kinds is an attack. Not
 * the gate, since the client asks no {@code Dns} about literal hosts.
 */
record GuardedDns(Resolver resolver, UrlPolicy policy) implements Dns {
    @Override
    public List<InetAddress> lookup(String hostname) throws UnknownHostException {
        List<InetAddress> addresses = resolver.resolve(hostname);
        for (InetAddress address : addresses) {
            if (!policy.allows(address)) {
                UnknownHostException refused = new UnknownHostException(hostname);
                refused.initCause(
                        new ForbiddenAddressException(
                                hostname + " resolves to the address " + address.getHostAddress()));
                throw refused;
            }
        }
        return addresses;
    }
}
