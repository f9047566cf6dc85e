package dev.millrace.net;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Finds the addresses of a name. */
@FunctionalInterface
public interface Resolver {
    /**
     * All addresses, at least one. Called from virtual threads, so it must not block in native
     * code.
     */
    List<InetAddress> resolve(String host) throws UnknownHostException;
}
