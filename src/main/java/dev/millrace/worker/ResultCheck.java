package dev.millrace.worker;

import dev.millrace.config.WorkerConfig;
import dev.millrace.deliver.AwsRefusals;
import dev.millrace.job.Destination;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** Asks the destination that the configuration names, once and without sending anything. */
public final class ResultCheck {
    private ResultCheck() {}

    /**
     * What was found.
     *
     * @param good whether results can go there, as far as is known
     * @param said for a person, in one line
     */
    public record Found(boolean good, String said) {}

    /** Empty where each message says itself where its result goes. */
    public static Optional<Found> of(WorkerConfig config) {
        return config.results().otherwise().map(destination -> ask(destination, config));
    }

    private static Found ask(Destination destination, WorkerConfig config) {
        try {
            return new Found(true, destination.name() + answer(destination, config));
        } catch (SdkException e) {
            return new Found(
                    AwsRefusals.mayOnlySend(e),
                    new AwsRefusals(destination.name(), action(destination)).of(e).getMessage());
        }
    }

    private static String action(Destination destination) {
        return destination instanceof Destination.Queue
                ? "sqs:GetQueueAttributes (sqs:SendMessage alone is enough for a worker)"
                : "sns:GetTopicAttributes (sns:Publish alone is enough for a worker)";
    }

    private static String answer(Destination destination, WorkerConfig config) {
        return switch (destination) {
            case Destination.Queue(String url) -> {
                try (SqsClient client = ClientFactory.results(url, config)) {
                    client.getQueueAttributes(
                            request ->
                                    request.queueUrl(url)
                                            .attributeNames(QueueAttributeName.QUEUE_ARN));
                    yield " answers";
                }
            }
            case Destination.Topic topic -> {
                try (SnsClient client = ClientFactory.topics(topic.region(), config)) {
                    client.getTopicAttributes(request -> request.topicArn(topic.arn()));
                    yield " answers";
                }
            }
            case Destination.Objects _ -> ", which only a result would try";
            case Destination.Callback _, Destination.Output _, Destination.Caller _ -> "";
        };
    }
}
