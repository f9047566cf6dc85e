package dev.millrace.deadletters;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.Request;
import dev.millrace.job.Stage;
import dev.millrace.net.UrlPolicy;
import dev.millrace.source.Contents;
import dev.millrace.source.ContentsReader;
import dev.millrace.source.MalformedRequestException;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/**
 * Says why a message is dead: what a worker said of it, else what the worker's own parser and rules
 * say of its body now. Thread-safe.
 *
 * @param images rules for image URLs
 * @param reader of bodies
 * @param tasks that the worker serves
 */
public record Reasons(LastWords words, UrlPolicy images, ContentsReader reader, Set<String> tasks) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** The message with its reason. */
    DeadLetter of(Message message) {
        Optional<LastWord> said = words.of(message.messageId());
        LastWord word = said.orElseGet(() -> ofBody(message));
        return new DeadLetter(
                message,
                word.host().isEmpty() && !word.kind().equals(LastWord.MALFORMED)
                        ? word.withHost(host(message.body(), word.kind()))
                        : word);
    }

    private LastWord ofBody(Message message) {
        try {
            Contents contents = reader.read(message.body(), message.messageId());
            if (contents.requests().isEmpty()) {
                return unsaid(
                        message,
                        LastWord.NO_IMAGE,
                        Stage.RECEIVE,
                        "it asks for no image, and a worker would delete it: "
                                + contents.dropped().getFirst().sentence());
            }
            for (Request request : contents.requests()) {
                check(request);
            }
            return unsaid(
                    message,
                    LastWord.UNKNOWN,
                    Stage.RECEIVE,
                    "no worker is known to have said why; --said reads their logs");
        } catch (MalformedRequestException e) {
            return unsaid(message, LastWord.MALFORMED, Stage.RECEIVE, e.getMessage());
        } catch (FailureException e) {
            Failure failure = e.failure();
            return unsaid(message, failure.kind().wireName(), failure.stage(), failure.message());
        }
    }

    private void check(Request request) throws FailureException {
        if (request.object().isEmpty()) {
            images.check(request.url(), Stage.FETCH);
        }
        for (String task : request.tasks()) {
            if (!tasks.contains(task)) {
                throw new FailureException(
                        Failure.Kind.UNKNOWN_TASK,
                        Stage.FETCH,
                        "no model of the configuration serves the task '" + task + "'");
            }
        }
    }

    private static LastWord unsaid(Message message, String kind, Stage stage, String why) {
        String count =
                message.attributes().get(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT);
        return new LastWord(
                message.messageId(),
                "",
                kind,
                stage.wireName(),
                "",
                count != null && count.matches("\\d{1,9}") ? Integer.parseInt(count) : 0,
                Instant.EPOCH,
                why);
    }

    /** Of the image, or of the callback where no image could be asked for. */
    private String host(String body, String kind) {
        try {
            JsonNode request = JSON.readTree(body);
            boolean image =
                    !kind.equals(Failure.Kind.URL_FORBIDDEN.wireName())
                            || isAllowed(request.path("callback_url").asText());
            return LastWord.hostOf(request.path(image ? "url" : "callback_url").asText());
        } catch (JsonProcessingException | StackOverflowError e) {
            return "";
        }
    }

    private boolean isAllowed(String callback) {
        try {
            reader.destinations().callbacks().check(callback, Stage.CALLBACK);
            return true;
        } catch (FailureException e) {
            return false;
        }
    }
}
