package dev.millrace.job;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/**
 * Warnings about hosts that strangers named: at most one line in 5 s about each host, and about all
 * of them one in a second in the long run, with a few more at first, so that each of a few hosts
 * that fail together is heard of. Only the hosts of late are known. Thread-safe.
 */
public final class HostLog {
    private static final long BETWEEN_HOSTS_NS = TimeUnit.SECONDS.toNanos(1);
    private static final int MAX_HOSTS = 256;

    /** Lines that may come at once after a time of silence. */
    private static final int BURST = 8;

    private final Logger log;
    private final Map<String, LimitedLog> hosts = new LinkedHashMap<>(16, 0.75f, true);
    private double credit = BURST;
    private boolean hasSpoken;
    private long creditedNs;

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
        LimitedLog ofHost = hosts.computeIfAbsent(host, _ -> new LimitedLog(log));
        if (hosts.size() > MAX_HOSTS) {
            hosts.remove(hosts.keySet().iterator().next());
        }
        if (hasSpoken) {
            double earned = (nowNs - creditedNs) / (double) BETWEEN_HOSTS_NS;
            credit = Math.min(BURST, credit + earned);
        }
        hasSpoken = true;
        creditedNs = nowNs;
        credit -= ofHost.warn(line, nowNs, credit >= 1) ? 1 : 0;
    }
}
