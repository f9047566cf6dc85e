package dev.millrace.source;

import dev.millrace.job.DropReason;
import dev.millrace.job.FailureException;
import dev.millrace.job.TraceParent;
import dev.millrace.net.UrlPolicy;
import dev.millrace.source.RequestFields.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the body of a message, whoever wrote it: a request of Millrace's own, an event of S3, and
 * either of them in envelopes of SNS, EventBridge or CloudEvents. {@code docs/contract.md}
 * describes them. The bounds of {@link RequestParser} hold for each layer. Thread-safe.
 *
 * @param destinations where results may go
 * @param defaults for what else a message does not say
 */
public record ContentsReader(Destinations destinations, RequestDefaults defaults) {
    /** An event of S3 through a topic and a bus has as many. */
    private static final int MAX_LAYERS = 3;

    /** Of messages that say all that there is to say, and whose results go to callbacks. */
    public ContentsReader(UrlPolicy callbacks) {
        this(Destinations.callbacks(callbacks), RequestDefaults.NONE);
    }

    /** The keys of the configuration that events need, and that are not set. */
    public List<String> missing() {
        List<String> keys = new ArrayList<>();
        if (defaults.tasks().isEmpty()) {
            keys.add(RequestDefaults.TASKS);
        }
        if (destinations.otherwise().isEmpty()) {
            keys.add(RequestDefaults.CALLBACK);
        }
        return keys;
    }

    /**
     * What the body asks for.
     *
     * @param messageId of which the ids of images are made that have none
     * @throws MalformedRequestException with one line where it is nothing that is understood
     * @throws FailureException when nobody may be told of the result
     */
    public Contents read(String body, String messageId)
            throws MalformedRequestException, FailureException {
        return layer(body, messageId, 1);
    }

    private Contents layer(String body, String messageId, int layer)
            throws MalformedRequestException, FailureException {
        RequestFields fields = RequestParser.fields(body, RequestFields.OF_BODY);
        return layer(fields, body, messageId, layer).from(sender(fields));
    }

    /** As CloudEvents' extension for traces has it; no mistake in it is worth a message. */
    private static Optional<TraceParent> sender(RequestFields fields) {
        return TraceParent.parse(
                fields.textOrNull(TraceParent.HEADER), fields.textOrNull(TraceParent.STATE_HEADER));
    }

    private Contents layer(RequestFields fields, String body, String messageId, int layer)
            throws MalformedRequestException, FailureException {
        // First, so that a sender's own fields never make anything else of its message.
        if (!fields.get("url").isAbsent()) {
            return own(fields, messageId);
        }
        if (fields.get("Event").isText("s3:TestEvent")) {
            return Contents.nothing(DropReason.TEST_EVENT);
        }
        S3Events events = new S3Events(messageId, this);
        if (fields.get("Records").isList()) {
            return events.ofNotification(fields, fields.get("Records"));
        }
        if (fields.get("eventSource").isText()) {
            return events.ofRecord(body);
        }
        if (fields.get("source").isText("aws.s3") && fields.get("detail-type").isText()) {
            return events.ofEventBridge(fields);
        }
        String envelope = envelope(fields);
        return envelope.isEmpty()
                ? own(fields, messageId)
                : opened(fields, envelope, messageId, layer);
    }

    private Contents own(RequestFields fields, String messageId)
            throws MalformedRequestException, FailureException {
        return Contents.of(RequestParser.request(fields, messageId, destinations, defaults));
    }

    /** The field in which an envelope has what was sent; empty where it is none. */
    private static String envelope(RequestFields fields) throws MalformedRequestException {
        if (fields.get("TopicArn").isText() && fields.get("Type").isText()) {
            requireNotification(fields.get("Type").text());
            return "Message";
        }
        if (fields.get("detail-type").isText()) {
            return "detail";
        }
        return fields.get("specversion").isText() ? "data" : "";
    }

    private static void requireNotification(String type) throws MalformedRequestException {
        if (!type.equals("Notification")) {
            throw new MalformedRequestException(
                    "it is a %s of SNS and no notification; confirm the subscription by its SubscribeURL"
                            .formatted(RequestParser.shown(type)));
        }
    }

    private Contents opened(RequestFields fields, String field, String messageId, int layer)
            throws MalformedRequestException, FailureException {
        if (layer == MAX_LAYERS) {
            throw new MalformedRequestException(
                    "it is an envelope in an envelope in an envelope; send at most two around a request or an event");
        }
        Value inside = fields.get(field);
        if (inside.isAbsent()) {
            throw new MalformedRequestException(
                    fields.get("data_base64").isAbsent()
                            ? field + " is missing, in which an envelope has what is sent; give it"
                            : "data_base64 is not read; give data, as JSON");
        }
        try {
            return layer(
                    inside.isText() ? inside.text() : fields.asWritten(inside),
                    messageId,
                    layer + 1);
        } catch (MalformedRequestException e) {
            throw e.in(field);
        }
    }
}
