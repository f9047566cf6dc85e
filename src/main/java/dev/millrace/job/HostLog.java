package dev.millrace.job;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/**
 * Warnings about hosts that strangers named: at most one line in 5 s about each host, so that each
 * is heard of, and at most one in a second about all of them. Only the hosts of late are known.
 * Thread-safe.
 */
public final class HostLog {
    private static final long BETWEEN_HOSTS_NS = TimeUnit.SECONDS.toNanos(1);
    private static final int MOST_HOSTS = 256;

    private final Logger log;
    private final Map<String, Spoken> hosts = new LinkedHashMap<>(16, 0.75f, true);
    private boolean hasSpoken;
    private long spokeNs;

    private static final class Spoken {
        private boolean once;
        private long atNs;
        private long unsaid;
    }

    public HostLog(Logger log) {
        this.log = log;
    }

    /**
     * Says a line about a host, or counts it for the next one.
     *
     * @param line without the query of a URL, which may hold a secret
     */
    public void warn(String host, String line) {
        warn(host, line, System.nanoTime());
    }

    synchronized void warn(String host, String line, long nowNs) {
        Spoken spoken = hosts.computeIfAbsent(host, _ -> new Spoken());
        if (hosts.size() > MOST_HOSTS) {
            hosts.remove(hosts.keySet().iterator().next());
        }
        boolean tooSoon =
                hasSpoken && nowNs - spokeNs < BETWEEN_HOSTS_NS
                        || spoken.once && nowNs - spoken.atNs < LimitedLog.INTERVAL_NS;
        if (tooSoon) {
            spoken.unsaid++;
            return;
        }
        log.warn(LimitedLog.withUnsaid(line, spoken.unsaid));
        hasSpoken = true;
        spokeNs = nowNs;
        spoken.once = true;
        spoken.atNs = nowNs;
        spoken.unsaid = 0;
    }
}
