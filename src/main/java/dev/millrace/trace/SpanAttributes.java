package dev.millrace.trace;

import dev.millrace.job.Delivery;
import dev.millrace.job.Destination;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Request;
import dev.millrace.job.TaskResult;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.SpanKind;
import java.util.List;
import okhttp3.HttpUrl;

/**
 * What spans say, by OpenTelemetry's conventions for messaging and HTTP where these have a name,
 * and else under {@code millrace}. No query of a URL and no user in it is said, and of a callback's
 * URL, whose path may be a secret, the host alone. Immutable.
 */
final class SpanAttributes {
    static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");
    static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("millrace.outcome");

    private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
    private static final AttributeKey<String> DESTINATION =
            AttributeKey.stringKey("messaging.destination.name");
    private static final AttributeKey<String> OPERATION =
            AttributeKey.stringKey("messaging.operation.name");
    private static final AttributeKey<String> OPERATION_TYPE =
            AttributeKey.stringKey("messaging.operation.type");
    private static final AttributeKey<String> MESSAGE_ID =
            AttributeKey.stringKey("messaging.message.id");
    private static final AttributeKey<String> METHOD =
            AttributeKey.stringKey("http.request.method");
    private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");
    private static final AttributeKey<String> HOST = AttributeKey.stringKey("server.address");
    private static final AttributeKey<Long> PORT = AttributeKey.longKey("server.port");
    private static final AttributeKey<String> URL = AttributeKey.stringKey("url.full");
    private static final AttributeKey<String> BUCKET = AttributeKey.stringKey("aws.s3.bucket");
    private static final AttributeKey<String> ID = AttributeKey.stringKey("millrace.id");
    private static final AttributeKey<Long> RECEIVES = AttributeKey.longKey("millrace.receives");
    private static final AttributeKey<List<String>> TASKS =
            AttributeKey.stringArrayKey("millrace.tasks");
    private static final AttributeKey<String> TASK = AttributeKey.stringKey("millrace.task");
    private static final AttributeKey<String> MODEL = AttributeKey.stringKey("millrace.model");
    private static final AttributeKey<String> VERSION =
            AttributeKey.stringKey("millrace.model.version");

    private static final String INFER = "/v2/models/{model}/infer";
    private static final int MAX_CHARS = 2048;

    private final String queue;

    /**
     * @param queue by its name
     */
    SpanAttributes(String queue) {
        this.queue = queue;
    }

    /** Of a message of the queue. */
    String queueName() {
        return "process " + queue;
    }

    String name(Message message) {
        return message.hasCaller() ? "POST " + INFER : queueName();
    }

    Attributes of(Message message, Outcome outcome) {
        AttributesBuilder all =
                message.hasCaller()
                        ? Attributes.builder().put(METHOD, "POST").put(ROUTE, INFER)
                        : of(message.whole().delivery());
        all.put(ID, cut(message.id())).put(OUTCOME, word(outcome));
        if (!(outcome instanceof Outcome.Dropped)) {
            all.put(TASKS, message.request().tasks().stream().map(SpanAttributes::cut).toList());
        }
        return all.build();
    }

    AttributesBuilder of(Delivery delivery) {
        return Attributes.builder()
                .put(SYSTEM, "aws_sqs")
                .put(DESTINATION, queue)
                .put(OPERATION, "process")
                .put(OPERATION_TYPE, "process")
                .put(MESSAGE_ID, delivery.messageId())
                .put(RECEIVES, (long) delivery.receiveCount());
    }

    private static String word(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Delivered _ -> "delivered";
            case Outcome.Retry _ -> "retried";
            case Outcome.Dropped _ -> "dropped";
            case Outcome.Rejected _ -> "rejected";
        };
    }

    Attributes ofFetch(Request request) {
        AttributesBuilder all = Attributes.builder();
        request.object().ifPresent(object -> all.put(BUCKET, object.bucket()));
        HttpUrl url = HttpUrl.parse(request.url());
        if (url != null) {
            HttpUrl plain =
                    url.newBuilder().username("").password("").query(null).fragment(null).build();
            all.put(METHOD, "GET")
                    .put(HOST, url.host())
                    .put(PORT, (long) url.port())
                    .put(URL, cut(plain.toString()));
        }
        return all.build();
    }

    /** Of the steps of a task. */
    Attributes of(TaskResult result) {
        AttributesBuilder all = Attributes.builder().put(TASK, cut(result.task()));
        result.model()
                .ifPresent(model -> all.put(MODEL, model.name()).put(VERSION, model.version()));
        return all.build();
    }

    String callName(Destination to) {
        return switch (to) {
            case Destination.Queue(String url) -> "send " + last(url, '/');
            case Destination.Topic(String arn) -> "send " + last(arn, ':');
            default -> "callback";
        };
    }

    SpanKind callKind(Destination to) {
        return switch (to) {
            case Destination.Queue _, Destination.Topic _ -> SpanKind.PRODUCER;
            case Destination.Callback _, Destination.Objects _ -> SpanKind.CLIENT;
            case Destination.Output _, Destination.Caller _ -> SpanKind.INTERNAL;
        };
    }

    Attributes ofCall(Destination to) {
        return switch (to) {
            case Destination.Callback(HttpUrl url) ->
                    Attributes.of(METHOD, "POST", HOST, url.host(), PORT, (long) url.port());
            case Destination.Queue(String url) -> sent("aws_sqs", last(url, '/'));
            case Destination.Topic(String arn) -> sent("aws.sns", last(arn, ':'));
            case Destination.Objects objects -> Attributes.of(BUCKET, objects.bucket());
            case Destination.Output _, Destination.Caller _ -> Attributes.empty();
        };
    }

    private static Attributes sent(String system, String destination) {
        return Attributes.of(
                SYSTEM,
                system,
                DESTINATION,
                destination,
                OPERATION,
                "send",
                OPERATION_TYPE,
                "send");
    }

    private static String last(String name, char after) {
        return name.substring(name.lastIndexOf(after) + 1);
    }

    private static String cut(String text) {
        return text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS);
    }
}
