package dev.millrace.worker;

import dev.millrace.observe.live.LiveParts;
import dev.millrace.observe.live.Outside;

/** Which parts of a worker its page shows. */
final class LiveView {
    private LiveView() {}

    static LiveParts of(WorkerParts parts) {
        return new LiveParts(
                parts.snapshots,
                parts.models::facts,
                parts.device.description(),
                () -> outside(parts),
                parts.calls,
                parts.gpu);
    }

    private static Outside outside(WorkerParts parts) {
        return new Outside(
                parts.source.isFailing(),
                parts.fetcher.hostsDown(),
                parts.callbacks.hostsDown(),
                parts.callbacks.held(),
                parts.crashes.caution().left());
    }
}
