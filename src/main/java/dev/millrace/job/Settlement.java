package dev.millrace.job;

/** Takes each message's outcome, once, from any thread, without blocking. */
@FunctionalInterface
public interface Settlement {
    void settled(Message message, Outcome outcome);
}
