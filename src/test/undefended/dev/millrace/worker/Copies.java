package dev.millrace.worker;

import dev.millrace.job.Message;
import java.util.Optional;

/** Takes every message for the first. */
final class Copies {
    boolean isFirst(Message message) {
        return true;
    }

    Optional<Message> settled(Message message) {
        return Optional.empty();
    }
}
