package dev.millrace.deadletters;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/**
 * A message of the dead letter queue, as it was received there, and why it is dead.
 *
 * @param message whose receipt is the latest
 */
record DeadLetter(Message message, LastWord word) {
    String id() {
        return message.messageId();
    }

    /** When it was first sent; the epoch where the queue does not say. */
    Instant sentAt() {
        String sent = message.attributes().get(MessageSystemAttributeName.SENT_TIMESTAMP);
        return sent != null && sent.matches("\\d{1,18}")
                ? Instant.ofEpochMilli(Long.parseLong(sent))
                : Instant.EPOCH;
    }

    /** As the queue counts: the body, and the names, types and values of its attributes. */
    int bytes() {
        int bytes = bytes(message.body());
        for (Map.Entry<String, MessageAttributeValue> one :
                message.messageAttributes().entrySet()) {
            MessageAttributeValue value = one.getValue();
            bytes += bytes(one.getKey()) + bytes(value.dataType()) + bytes(value.stringValue());
            bytes += value.binaryValue() == null ? 0 : value.binaryValue().asByteArray().length;
        }
        return bytes;
    }

    private static int bytes(String text) {
        return text == null ? 0 : text.getBytes(StandardCharsets.UTF_8).length;
    }
}
