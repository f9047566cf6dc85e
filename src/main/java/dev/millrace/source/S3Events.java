package dev.millrace.source;

import dev.millrace.job.DropReason;
import dev.millrace.job.ObjectRef;
import dev.millrace.job.Request;
import dev.millrace.source.RequestFields.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads what S3 says of objects, itself or through EventBridge. The two differ in small things: the
 * key is form-encoded in the one and verbatim in the other, and etag and version have other names.
 *
 * @param messageId of the queue
 * @param reader knows what images of events are for
 */
record S3Events(String messageId, ContentsReader reader) {
    /** More than S3 sends; each is an image in the worker. */
    static final int MAX_RECORDS = 1000;

    private static final String SOURCE = "aws:s3";
    private static final String CREATED = "ObjectCreated:";
    private static final Set<String> OF_RECORD =
            Set.of("eventSource", "eventName", "awsRegion", "s3");
    private static final Set<String> OF_PLACE = Set.of("bucket", "object");
    private static final Set<String> OF_BUCKET = Set.of("name");
    private static final Set<String> OF_OBJECT =
            Set.of("key", "size", "eTag", "etag", "versionId", "version-id");

    /** Several records: an image each, but for those that ask for none. */
    Contents ofNotification(RequestFields fields, Value records) throws MalformedRequestException {
        int size = records.size();
        if (size == 0 || size > MAX_RECORDS) {
            throw new MalformedRequestException(
                    "Records has " + size + " entries; send 1 to " + MAX_RECORDS);
        }
        List<Request> requests = new ArrayList<>();
        List<DropReason> dropped = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            try {
                String id = size == 1 ? messageId : imageId(messageId, i);
                Contents one =
                        new S3Events(id, reader)
                                .ofRecord(fields.asWritten(records.entries().get(i)));
                requests.addAll(one.requests());
                dropped.addAll(one.dropped());
            } catch (MalformedRequestException e) {
                throw e.in("Records[" + i + "]");
            }
        }
        return new Contents(requests, dropped);
    }

    /** The id of one of several images of a message, by the position of its record. */
    static String imageId(String messageId, int position) {
        return messageId + "_" + position;
    }

    /** One record, which stands alone in a CloudEvent. */
    Contents ofRecord(String json) throws MalformedRequestException {
        RequestFields record = RequestParser.fields(json, OF_RECORD);
        String source = RequestParser.text("eventSource", record.get("eventSource"));
        if (!source.equals(SOURCE)) {
            throw new MalformedRequestException(
                    "eventSource is '%s'; send events of %s"
                            .formatted(RequestParser.shown(source), SOURCE));
        }
        String event = RequestParser.text("eventName", record.get("eventName"));
        if (!event.startsWith(CREATED)) {
            return Contents.nothing(
                    event.startsWith("ObjectRemoved:")
                            ? DropReason.REMOVED
                            : DropReason.OTHER_EVENT);
        }
        Value region = record.get("awsRegion");
        return created(below(record, "s3", OF_PLACE), region, true);
    }

    Contents ofEventBridge(RequestFields fields) throws MalformedRequestException {
        String type = fields.get("detail-type").text();
        if (!type.equals("Object Created")) {
            return Contents.nothing(
                    type.equals("Object Deleted") ? DropReason.REMOVED : DropReason.OTHER_EVENT);
        }
        Value region = fields.get("region");
        return created(below(fields, "detail", OF_PLACE), region, false);
    }

    /**
     * An object that is new.
     *
     * @param place with its bucket and itself
     * @param encoded whether its key is, as in forms
     */
    private Contents created(RequestFields place, Value region, boolean encoded)
            throws MalformedRequestException {
        RequestFields bucket = below(place, "bucket", OF_BUCKET);
        RequestFields object = below(place, "object", OF_OBJECT);
        String key = RequestParser.text("key", object.get("key"));
        key = encoded ? FormEncoding.decoded("key", key) : key;
        if (key.endsWith("/") && object.asWritten(object.get("size")).equals("0")) {
            return Contents.nothing(DropReason.FOLDER);
        }
        requireDefaults();
        ObjectRef ref;
        try {
            ref =
                    new ObjectRef(
                            RequestParser.text("name", bucket.get("name")),
                            key,
                            // A bucket without versions has one by this name.
                            given(object, "versionId", "version-id")
                                    .filter(id -> !id.equals("null")),
                            given(object, "eTag", "etag"),
                            region.isAbsent()
                                    ? Optional.empty()
                                    : Optional.of(RequestParser.text("region", region)));
        } catch (IllegalArgumentException e) {
            throw new MalformedRequestException(e.getMessage());
        }
        return Contents.of(
                new Request(
                        messageId,
                        ref.toString(),
                        reader.defaults().tasks(),
                        reader.destinations().otherwise().orElseThrow(),
                        reader.defaults().metadata(),
                        Optional.of(ref)));
    }

    private void requireDefaults() throws MalformedRequestException {
        List<String> missing = reader.missing();
        if (!missing.isEmpty()) {
            throw new MalformedRequestException(
                    "an event names no task and no callback; set %s in the worker's configuration"
                            .formatted(String.join(" and ", missing)));
        }
    }

    /** By its name in notifications, or by that of EventBridge. */
    private static Optional<String> given(RequestFields object, String one, String other)
            throws MalformedRequestException {
        String name = object.get(one).isAbsent() ? other : one;
        Value value = object.get(name);
        return value.isAbsent() || value.isText("")
                ? Optional.empty()
                : Optional.of(RequestParser.text(name, value));
    }

    private static RequestFields below(RequestFields fields, String name, Set<String> known)
            throws MalformedRequestException {
        Value value = fields.get(name);
        if (!value.isObject()) {
            throw new MalformedRequestException(
                    value.isAbsent()
                            ? name + " is missing; give it"
                            : name + " is " + value.kindInWords() + "; give an object");
        }
        try {
            return RequestParser.fields(fields.asWritten(value), known);
        } catch (MalformedRequestException e) {
            throw e.in(name);
        }
    }
}
