package dev.millrace.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Destination;
import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.net.AddressRules;
import dev.millrace.net.UrlPolicy;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may choose where a result goes, and what is said to whom may not. */
class DestinationsTest {
    private static final String QUEUE = "https://sqs.eu-central-1.amazonaws.com/123456789012/out";
    private static final String TOPIC = "arn:aws:sns:eu-central-1:123456789012:out";
    private static final UrlPolicy ANY =
            new UrlPolicy(new AddressRules(List.of()), Set.of(), Optional.empty());

    private static Destinations allowing(Optional<Destination> otherwise) {
        return new Destinations(
                ANY,
                Set.of(QUEUE),
                Set.of(TOPIC),
                List.of(Destination.objects("s3://out/team/")),
                otherwise);
    }

    private static Destination parse(String fields, Optional<Destination> otherwise)
            throws Exception {
        String body = "{\"url\": \"http://i/\", \"task\": \"safety\"" + fields + "}";
        return RequestParser.parse(body, "id", allowing(otherwise)).destination();
    }

    private static Destination named(String key, String value) throws Exception {
        return parse(", \"results\" : { \"%s\": \"%s\" }".formatted(key, value), Optional.empty());
    }

    @Test
    void whatIsListedMayBeNamed() throws Exception {
        assertEquals(new Destination.Queue(QUEUE), named("sqs", QUEUE));
        assertEquals(new Destination.Topic(TOPIC), named("sns", TOPIC));
        assertEquals(
                new Destination.Objects("out", "team/a b/"), named("s3", "s3://out/team/a b/"));
    }

    @ParameterizedTest
    @CsvSource({
        "sqs, https://sqs.eu-central-1.amazonaws.com/123456789012/other, results.allowQueues",
        "sqs, https://sqs.eu-central-1.amazonaws.com/123456789012/out/, is not the URL of a queue",
        "sqs, 'ftp://x/y', is not the URL of a queue",
        "sns, arn:aws:sns:eu-central-1:123456789012:outer, results.allowTopics",
        "sns, arn:aws:sqs:eu-central-1:123456789012:out, is not the ARN of a topic",
        "s3, s3://out/, results.allowPrefixes",
        "s3, s3://out/teamwork/, results.allowPrefixes",
        "s3, s3://other/team/, results.allowPrefixes",
        "s3, s3://out/team/../secret/, is not a prefix without '.' and '..'",
        "s3, https://out/team/, is not a prefix in a bucket",
    })
    void whatIsNotIsForbiddenInOneLine(String key, String value, String line) {
        FailureException e = assertThrows(FailureException.class, () -> named(key, value));
        assertEquals(Failure.Kind.URL_FORBIDDEN, e.failure().kind());
        assertTrue(e.getMessage().contains(line), e.getMessage());
        assertEquals(1, e.getMessage().lines().count());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ", \"results\": \"x\"",
                ", \"results\": {}",
                ", \"results\": {\"stdout\": \"true\"}",
                ", \"results\": {\"sqs\": {\"sqs\": 1}}",
                ", \"results\": {\"sqs\": \"a\", \"sns\": \"b\"}",
                ", \"results\": {\"sqs\": \"a\"}, \"callback_url\": \"http://c/\""
            })
    void whatIsNotUnderstoodIsMalformed(String fields) {
        MalformedRequestException e =
                assertThrows(
                        MalformedRequestException.class, () -> parse(fields, Optional.empty()));
        assertTrue(e.getMessage().contains("results"), e.getMessage());
    }

    @Test
    void theOperatorsDefaultServesWhoeverNamesNothing() throws Exception {
        Optional<Destination> output = Optional.of(new Destination.Output());
        assertEquals(output.get(), parse("", output));
        assertEquals(output.get(), parse(", \"results\": null", output));
        assertEquals(
                new Destination.Queue(QUEUE),
                parse(", \"results\": {\"sqs\": \"" + QUEUE + "\"}", output));
        assertThrows(MalformedRequestException.class, () -> parse("", Optional.empty()));
    }
}
