package dev.millrace.duty;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/** Lets threads end as they like, and tells nobody. */
public final class Duties {
    public Duties(Consumer<Throwable> fault) {}

    public DutyThread thread(String name, Duty duty) {
        return thread(name, duty, 0, Duration.ZERO);
    }

    public DutyThread thread(String name, Duty duty, long restNs, Duration allowed) {
        return new DutyThread(name, duty, restNs, allowed, this);
    }

    void started(DutyThread thread) {}

    void failed(DutyThread thread, Throwable why) {}

    void ended(DutyThread thread) {}

    public long stillNs(String role, long nowNs) {
        return 0;
    }

    public Collection<DutyThread> running() {
        return List.of();
    }
}
