package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.Results;
import dev.millrace.config.WorkerConfig;
import dev.millrace.job.Destination;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.TopicServer;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What {@code doctor} says of the destination that the configuration names. */
class ResultCheckTest {
    private static ResultCheck.Found check(
            TestQueue queue, Destination destination, Optional<URI> sns) {
        WorkerConfig config =
                WorkerConfig.of(
                                queue.settings(Duration.ofSeconds(30)),
                                List.of(
                                        new WorkerConfig.Model(
                                                "safety",
                                                Path.of("engines/safety"),
                                                Optional.empty(),
                                                Duration.ZERO)))
                        .with(
                                draft ->
                                        draft.results =
                                                new Results(
                                                        List.of(),
                                                        List.of(),
                                                        List.of(),
                                                        Optional.of(destination),
                                                        sns,
                                                        Optional.empty()));
        return ResultCheck.of(config).orElseThrow();
    }

    @Test
    void aQueueAnswersOrIsNamedInOneLine() {
        try (TestQueue queue = new TestQueue(5)) {
            ResultCheck.Found good = check(queue, Destination.queue(queue.url()), Optional.empty());
            assertTrue(good.good(), good.said());
            assertEquals(queue.url() + " answers", good.said());
            String none = queue.endpoint() + "/000000000000/none";
            ResultCheck.Found missing = check(queue, Destination.queue(none), Optional.empty());
            assertFalse(missing.good());
            assertTrue(missing.said().startsWith(none + " does not exist"), missing.said());
        }
    }

    @Test
    void aTopicThatTellsNothingMayStillTakeResults() throws Exception {
        try (TestQueue queue = new TestQueue(5);
                TopicServer topic = new TopicServer(1, (_, _) -> {})) {
            Destination to = Destination.topic(TopicServer.ARN);
            Optional<URI> at = Optional.of(topic.url());
            assertEquals(TopicServer.ARN + " answers", check(queue, to, at).said());
            topic.refusal = "AuthorizationError";
            ResultCheck.Found denied = check(queue, to, at);
            assertTrue(denied.good());
            assertTrue(denied.said().contains("sns:Publish alone is enough"), denied.said());
            topic.goDown();
            ResultCheck.Found down = check(queue, to, at);
            assertFalse(down.good());
            assertTrue(down.said().contains("cannot be reached"), down.said());
            assertEquals(1, down.said().lines().count());
        }
    }
}
