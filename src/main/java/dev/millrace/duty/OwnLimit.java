package dev.millrace.duty;

import java.time.Duration;

/**
 * How long a thread may be without progress in the place of what the watchdog allows to every
 * thread, where more is known of what it waits for.
 *
 * @param overdue one line for the operator: what is late, and what to do
 */
public record OwnLimit(Duration time, String overdue) {}
