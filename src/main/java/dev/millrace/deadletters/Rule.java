package dev.millrace.deadletters;

import dev.millrace.job.Failure;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which dead letters are meant: those that fit all of it.
 *
 * @param kinds one of which the reason must have; any where there are none
 * @param hosts one of which the message must be about; any where there are none
 * @param before when the message must have been sent, if it says when
 */
public record Rule(Set<String> kinds, Set<String> hosts, Optional<Instant> before) {
    /** What a reason can be. */
    public static List<String> allKinds() {
        return Stream.concat(
                        Arrays.stream(Failure.Kind.values()).map(Failure.Kind::wireName),
                        Stream.of(LastWord.MALFORMED, LastWord.NO_IMAGE, LastWord.UNKNOWN))
                .toList();
    }

    /** Whether it leaves nothing out. */
    public boolean isEmpty() {
        return kinds.isEmpty() && hosts.isEmpty() && before.isEmpty();
    }

    boolean fits(DeadLetter letter) {
        return (kinds.isEmpty() || kinds.contains(letter.word().kind()))
                && (hosts.isEmpty() || hosts.contains(letter.word().host()))
                && (before.isEmpty()
                        || letter.sentAt().isAfter(Instant.EPOCH)
                                && letter.sentAt().isBefore(before.get()));
    }
}
