package dev.millrace.serve;

import dev.millrace.job.Message;
import java.util.Optional;

/** Takes over images whose callers wait, which it settles, each once. */
@FunctionalInterface
public interface Entrance {
    /**
     * Returns at once.
     *
     * @param body of the image, whose bytes the message holds; where there is none, the image is
     *     downloaded
     */
    void accept(Message image, Optional<byte[]> body);
}
