package dev.millrace.deliver;

import dev.millrace.job.Message;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
        try {
            Answers answers = new Answers(entries.size(), refusals);
            service.send(entries, answers);
            return answers.list;
        } catch (SdkException e) {
            return refusals.ofAll(entries.size(), e);
        }
    }

    /** What a service says of the entries of a call. Used by the thread of the call. */
    static final class Answers {
        private final List<Optional<IOException>> list = new ArrayList<>();
        private final AwsRefusals refusals;

        Answers(int entries, AwsRefusals refusals) {
            this.refusals = refusals;
            // Only what is confirmed has happened.
            for (int i = 0; i < entries; i++) {
                list.add(Optional.of(refusals.unconfirmed()));
            }
        }

        void taken(String id) {
            list.set(Integer.parseInt(id), Optional.empty());
        }

        void refused(String id, String code, String message, boolean senderFault) {
            refused(id, refusals.ofEntry(code, String.valueOf(message), senderFault));
        }

        void refused(String id, IOException why) {
            list.set(Integer.parseInt(id), Optional.of(why));
        }
    }
}
