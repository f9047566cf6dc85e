package dev.millrace.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.sqs.SqsClient;

class SqsClientsTest {
    @ParameterizedTest
    @CsvSource({
        "https://sqs.eu-central-1.amazonaws.com/123456789012/images, eu-central-1",
        "https://sqs-fips.us-gov-west-1.amazonaws.com/123456789012/images, us-gov-west-1",
        "https://vpce-1-2.sqs.us-east-1.vpce.amazonaws.com/123456789012/images, us-east-1",
        "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/images, cn-north-1"
    })
    void theUrlNamesTheRegionAndAwsNeedsNoEndpoint(String url, String region) {
        try (SqsClient client = SqsClients.create(QueueSettings.of(url))) {
            assertEquals(region, client.serviceClientConfiguration().region().id());
            assertEquals(Optional.empty(), client.serviceClientConfiguration().endpointOverride());
        }
    }

    @Test
    void awayFromAwsTheUrlNamesTheEndpoint() {
        QueueSettings settings = QueueSettings.of("http://127.0.0.1:9324/000000000000/images");
        try (SqsClient client = SqsClients.create(settings)) {
            assertEquals(
                    Optional.of(URI.create("http://127.0.0.1:9324")),
                    client.serviceClientConfiguration().endpointOverride());
        }
    }

    /** The server that has the queue has the one of its results, too, as a rule. */
    @Test
    void awayFromAwsAQueueOfResultsHasTheRegionOfTheWorkersOwn() {
        QueueSettings own =
                QueueSettings.of(
                        "http://127.0.0.1:5000/123456789012/images",
                        draft -> draft.region = Optional.of("eu-west-3"));
        try (SqsClient client =
                SqsClients.create("http://127.0.0.1:5000/123456789012/verdicts", own)) {
            assertEquals("eu-west-3", client.serviceClientConfiguration().region().id());
        }
        String aws = "https://sqs.ap-south-1.amazonaws.com/123456789012/verdicts";
        try (SqsClient client = SqsClients.create(aws, own)) {
            assertEquals("ap-south-1", client.serviceClientConfiguration().region().id());
        }
    }

    @Test
    void theSettingsComeFirst() {
        QueueSettings settings =
                QueueSettings.of(
                        "https://sqs.eu-central-1.amazonaws.com/123456789012/images",
                        draft -> {
                            draft.endpoint = Optional.of(URI.create("http://127.0.0.1:1"));
                            draft.region = Optional.of("ap-south-1");
                        });
        try (SqsClient client = SqsClients.create(settings)) {
            assertEquals("ap-south-1", client.serviceClientConfiguration().region().id());
            assertEquals(
                    Optional.of(URI.create("http://127.0.0.1:1")),
                    client.serviceClientConfiguration().endpointOverride());
        }
    }

    /** Where the environment knows an account, there is nothing to miss. */
    @Test
    void whatAwsNeedsIsNamed() {
        assumeTrue(
                System.getenv().keySet().stream()
                        .noneMatch(
                                name -> name.startsWith("AWS_") && !name.equals("AWS_CA_BUNDLE")));
        Map<String, String> nothing =
                Map.of(
                        "aws.disableEc2Metadata", "true",
                        "aws.configFile", "none",
                        "aws.sharedCredentialsFile", "none");
        nothing.forEach(System::setProperty);
        try {
            QueueSettings legacy =
                    QueueSettings.of("https://queue.amazonaws.com/123456789012/images");
            assertEquals(
                    "the region of 'https://queue.amazonaws.com/123456789012/images' is not known;"
                            + " set queue.region or AWS_REGION",
                    assertThrows(IllegalArgumentException.class, () -> SqsClients.create(legacy))
                            .getMessage());
            QueueSettings aws =
                    QueueSettings.of("https://sqs.eu-central-1.amazonaws.com/123456789012/images");
            try (SqsClient client = SqsClients.create(aws)) {
                String message =
                        assertThrows(
                                        QueueUnavailableException.class,
                                        () -> new QueueProbe(client, aws).describe())
                                .getMessage();
                assertTrue(
                        message.startsWith("'" + aws.url() + "' needs AWS credentials, and none"),
                        message);
            }
        } finally {
            nothing.keySet().forEach(System::clearProperty);
        }
    }
}
