package dev.millrace.objects;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.ObjectRef;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The region that a message names for its bucket leads to no other partition of AWS. */
class PartitionTest {
    private static ObjectStore store(String home, Optional<URI> endpoint) {
        return new ObjectStore(
                new StoreSettings(
                        endpoint, Optional.of(home), false, List.of(AllowedBucket.of("photos"))),
                Optional.empty());
    }

    private static ObjectRef in(String region) {
        return new ObjectRef(
                "photos", "a.jpg", Optional.empty(), Optional.empty(), Optional.of(region));
    }

    @ParameterizedTest
    @CsvSource({
        "eu-central-1, cn-north-1",
        "eu-central-1, us-gov-west-1",
        "eu-central-1, us-iso-east-1",
        "eu-central-1, evil",
        "eu-central-1, us-east-1-evil",
        "cn-north-1, eu-central-1",
        "us-gov-west-1, us-east-1"
    })
    void aRegionOfAnotherPartitionIsRefused(String home, String named) {
        try (ObjectStore store = store(home, Optional.empty())) {
            FailureException refused =
                    assertThrows(FailureException.class, () -> store.check(in(named)));
            assertEquals(Failure.Kind.URL_FORBIDDEN, refused.failure().kind());
            String line = refused.getMessage();
            assertTrue(line.contains("'" + named + "'"), line);
            assertEquals(1, line.lines().count(), line);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "eu-central-1, us-east-1",
        "eu-central-1, ap-southeast-7",
        "cn-north-1, cn-northwest-1",
        "us-gov-west-1, us-gov-east-1",
        "xx-new-1, xx-new-1"
    })
    void aRegionOfTheSameIsNot(String home, String named) {
        try (ObjectStore store = store(home, Optional.empty())) {
            assertDoesNotThrow(() -> store.check(in(named)));
        }
    }

    /** There a region is only signed. */
    @ParameterizedTest
    @ValueSource(strings = {"garage", "cn-north-1"})
    void aStoreThatIsNotOfAwsHasRegionsOfItsOwn(String named) {
        try (ObjectStore store =
                store("eu-central-1", Optional.of(URI.create("http://127.0.0.1:9000")))) {
            assertDoesNotThrow(() -> store.check(in(named)));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"evil.com/", "us-east-1.evil", "a@b", "us-east-1:80", "..", "US-EAST-1"})
    void whatIsNoNameOfARegionIsNoObject(String named) {
        assertThrows(IllegalArgumentException.class, () -> in(named));
    }

    /** An answer may send the worker on within the partition only. */
    @ParameterizedTest
    @CsvSource({"us-west-2, us-west-2", "cn-north-1, eu-central-1", "evil, eu-central-1"})
    void whereABucketSaysItIs(String said, String asked) {
        try (ObjectStore store = store("eu-central-1", Optional.empty())) {
            store.moved("photos", said);
            assertEquals(asked, store.region(ObjectRef.parse("s3://photos/a.jpg")));
        }
    }
}
