package dev.millrace.deadletters;

import dev.millrace.job.Delivery;
import dev.millrace.job.Failure;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Settlement;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one JSON line for each message that a worker gives back to the queue or leaves to it, to
 * the logger {@code millrace.message.given-back} and to a file, so that somebody can say later why
 * a message is dead. Called by any thread, which it does not keep waiting. Owns the file.
 */
public final class GivenBackLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("millrace.message.given-back");

    private final Optional<GivenBackFile> file;

    /**
     * @param folder that the file is in; none for no file
     */
    public GivenBackLog(Optional<Path> folder) {
        this.file = folder.map(GivenBackFile::new);
    }

    /**
     * A settlement that tells {@code next} of everything, and then writes a line where one is due.
     */
    public Settlement before(Settlement next) {
        return new Settlement() {
            @Override
            public void settled(Message message, Outcome outcome) {
                // First, since a message that nobody settles keeps its permit for ever.
                next.settled(message, outcome);
                switch (outcome) {
                    case Outcome.Delivered _, Outcome.Dropped _ -> {}
                    case Outcome.Retry retry -> write(LastWord.of(message, retry.failure()));
                    case Outcome.Rejected left -> write(LastWord.of(message, left.failure()));
                }
            }

            @Override
            public void imageSettled(Message image, Outcome outcome) {
                next.imageSettled(image, outcome);
            }

            @Override
            public void refused(Delivery delivery, Optional<Failure.Kind> kind, String why) {
                next.refused(delivery, kind, why);
                write(LastWord.of(delivery, kind, why));
            }
        };
    }

    private void write(LastWord word) {
        if (LOG.isInfoEnabled() || file.isPresent()) {
            String line = word.line();
            LOG.info(line);
            file.ifPresent(to -> to.write(line));
        }
    }

    /** Writes what still waits, for a second at most. */
    @Override
    public void close() {
        file.ifPresent(GivenBackFile::close);
    }
}
