package dev.millrace.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.millrace.job.Destination;
import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.Stage;
import dev.millrace.net.UrlPolicy;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where results may go: what a message names must be allowed, since whoever writes to the queue
 * would otherwise write with the worker's rights; what the operator names is.
 *
 * @param callbacks rules for callback URLs
 * @param queues URLs of the only queues that messages may name
 * @param topics ARNs of the only topics
 * @param prefixes the only ones, and those below them
 * @param otherwise where the result of a message goes that names nothing
 */
public record Destinations(
        UrlPolicy callbacks,
        Set<String> queues,
        Set<String> topics,
        List<Destination.Objects> prefixes,
        Optional<Destination> otherwise) {
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .build();

    private static final String REMEDY =
            "give it one of sqs, sns and s3 with a string, such as {\"sqs\": \"https://…\"}";

    public Destinations {
        queues = Set.copyOf(queues);
        topics = Set.copyOf(topics);
        prefixes = List.copyOf(prefixes);
    }

    /** No other than callbacks, which each message names. */
    public static Destinations callbacks(UrlPolicy rules) {
        return new Destinations(rules, Set.of(), Set.of(), List.of(), Optional.empty());
    }

    /** The same, with somewhere for the result of a message that names nothing. */
    public Destinations otherwise(Destination operators) {
        return new Destinations(callbacks, queues, topics, prefixes, Optional.of(operators));
    }

    /**
     * The destination of a message.
     *
     * @param callbackUrl as the message gives it
     * @param results the field, and as it was written
     * @throws FailureException where nobody may be told there
     */
    Destination of(Optional<String> callbackUrl, RequestFields.Value results, String written)
            throws MalformedRequestException, FailureException {
        if (callbackUrl.isPresent()) {
            if (!results.isAbsent()) {
                throw new MalformedRequestException(
                        "both callback_url and results are given; give one of them");
            }
            return new Destination.Callback(callbacks.check(callbackUrl.get(), Stage.CALLBACK));
        }
        if (!results.isAbsent()) {
            return named(results, written);
        }
        return otherwise.orElseThrow(
                () ->
                        new MalformedRequestException(
                                "callback_url is missing; give it or results"
                                        + RequestDefaults.OR_CALLBACK));
    }

    private Destination named(RequestFields.Value results, String written)
            throws MalformedRequestException, FailureException {
        if (results.kind() != JsonToken.START_OBJECT) {
            throw new MalformedRequestException(
                    "results is " + results.kindInWords() + "; " + REMEDY);
        }
        try (JsonParser parser = JSON.createParser(written)) {
            parser.nextToken();
            String name = parser.nextToken() == JsonToken.FIELD_NAME ? parser.currentName() : "";
            if (parser.nextToken() != JsonToken.VALUE_STRING) {
                throw new MalformedRequestException("results is not understood; " + REMEDY);
            }
            String value = parser.getText();
            if (parser.nextToken() != JsonToken.END_OBJECT) {
                throw new MalformedRequestException("results has several entries; " + REMEDY);
            }
            return allowed(name, value);
        } catch (IOException e) {
            throw new MalformedRequestException("results is not understood; " + REMEDY);
        }
    }

    private Destination allowed(String name, String value)
            throws MalformedRequestException, FailureException {
        try {
            return switch (name) {
                case "sqs" -> {
                    Destination.Queue queue = Destination.queue(value);
                    yield require(queue, queues.contains(queue.url()), "results.allowQueues");
                }
                case "sns" -> {
                    Destination.Topic topic = Destination.topic(value);
                    yield require(topic, topics.contains(topic.arn()), "results.allowTopics");
                }
                case "s3" -> {
                    Destination.Objects objects = Destination.objects(value);
                    boolean held = prefixes.stream().anyMatch(prefix -> prefix.holds(objects));
                    yield require(objects, held, "results.allowPrefixes");
                }
                default ->
                        throw new MalformedRequestException("results is not understood; " + REMEDY);
            };
        } catch (IllegalArgumentException e) {
            throw forbidden(e.getMessage());
        }
    }

    private static Destination require(Destination named, boolean allowed, String key)
            throws FailureException {
        if (!allowed) {
            throw forbidden(
                    "%s is not a destination that this worker may send results to; the operator lists these in %s"
                            .formatted(named.name(), key));
        }
        return named;
    }

    private static FailureException forbidden(String why) {
        return new FailureException(Failure.Kind.URL_FORBIDDEN, Stage.CALLBACK, "results: " + why);
    }
}
