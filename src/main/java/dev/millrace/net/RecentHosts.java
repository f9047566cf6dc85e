package dev.millrace.net;

/** Knows whether others than one host were called of late. Guarded by its owner's lock. */
final class RecentHosts {
    private String newest = "";
    private long newestNs;

    /** When there was last a call of another than the newest. */
    private long othersNs;

    /**
     * @param beforeNs a time before which nothing counts
     */
    RecentHosts(long beforeNs) {
        this.newestNs = beforeNs;
        this.othersNs = beforeNs;
    }

    void called(String host, long nowNs) {
        if (!host.equals(newest)) {
            othersNs = newestNs;
            newest = host;
        }
        newestNs = nowNs;
    }

    boolean areOthersThan(String host, long sinceNs) {
        long seenNs = host.equals(newest) ? othersNs : newestNs;
        return seenNs - sinceNs > 0;
    }
}
