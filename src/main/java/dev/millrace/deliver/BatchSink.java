package dev.millrace.deliver;

import dev.millrace.job.Message;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * What a queue and a topic have in common as destinations of results: ten in a call, a limit of
 * bytes with attributes included, and an answer for each entry. Thread-safe.
 */
final class BatchSink implements ResultSink {
    private final AwsRefusals refusals;
    private final int maxBytes;
    private final WebhookSigner signer;
    private final Service service;
    private final BatchedCalls<Marked> calls;

    /** Makes one call of the service. */
    @FunctionalInterface
    interface Service {
        /** Notes what became of each entry; throws what the client throws. */
        void send(List<Marked> entries, Answers answers);
    }

    /**
     * @param maxBytes of an entry with its attributes, and of all in a call
     * @param linger how long a call waits for more entries
     * @param concurrent calls beside each other at most
     */
    BatchSink(
            AwsRefusals refusals,
            int maxBytes,
            WebhookSigner signer,
            Duration linger,
            int concurrent,
            Service service) {
        this.refusals = refusals;
        this.maxBytes = maxBytes;
        this.signer = signer;
        this.service = service;
        this.calls = new BatchedCalls<>(linger, maxBytes, concurrent, this::send);
    }

    @Override
    public void send(Message message, byte[] body) throws IOException, InterruptedException {
        Marked entry = Marked.of(message, body, signer);
        if (entry.bytes() > maxBytes) {
            throw new ResultTooLargeException(
                    refusals.name(), body.length, maxBytes - entry.extraBytes());
        }
        calls.send(entry, entry.bytes());
    }

    private List<Optional<IOException>> send(List<Marked> entries) {
        Answers answers = new Answers(entries.size(), refusals);
        try {
            service.send(entries, answers);
            return answers.orElse(refusals.unconfirmed());
        } catch (SdkException e) {
            // A service that takes less at once was called several times: what an earlier call
            // sent is there, and would be there twice if it were sent again.
            return answers.orElse(refusals.of(e));
        }
    }

    /**
     * What a service reports of the entries of a call. An entry is taken once it is reported as
     * taken; what is reported of entries that were not sent is left out. Used by the thread of the
     * call.
     */
    static final class Answers {
        private final Map<String, Optional<IOException>> reported = new HashMap<>();
        private final int entries;
        private final AwsRefusals refusals;

        Answers(int entries, AwsRefusals refusals) {
            this.entries = entries;
            this.refusals = refusals;
        }

        void taken(String id) {
            reported.put(id, Optional.empty());
        }

        /**
         * @param senderFault null where the service leaves it out
         */
        void refused(String id, String code, String message, Boolean senderFault) {
            boolean fault = Boolean.TRUE.equals(senderFault);
            refused(id, refusals.ofEntry(String.valueOf(code), String.valueOf(message), fault));
        }

        void refused(String id, IOException why) {
            reported.put(id, Optional.of(why));
        }

        /** By position; an entry of which nothing is reported was refused for this reason. */
        private List<Optional<IOException>> orElse(IOException why) {
            return IntStream.range(0, entries)
                    .mapToObj(i -> reported.getOrDefault(Integer.toString(i), Optional.of(why)))
                    .toList();
        }
    }
}
