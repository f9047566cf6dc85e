package dev.millrace.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;

/** With the SDK's own chain, and with properties, which it takes for the environment. */
class MissingCredentialsTest {
    private static final String TOKEN = "aws.webIdentityTokenFile";
    private static final String ROLE = "aws.roleArn";

    @TempDir private Path folder;
    private final Map<String, String> set = new HashMap<>();

    @BeforeEach
    void nothing() {
        assumeTrue(
                System.getenv().keySet().stream()
                        .noneMatch(
                                name -> name.startsWith("AWS_") && !name.equals("AWS_CA_BUNDLE")));
        set("aws.disableEc2Metadata", "true");
        set("aws.configFile", "none");
        set("aws.sharedCredentialsFile", "none");
    }

    private void set(String name, String value) {
        set.put(name, value);
        System.setProperty(name, value);
    }

    @AfterEach
    void again() {
        set.keySet().forEach(System::clearProperty);
    }

    /** What is said where the SDK finds none. */
    private static String said() {
        try (DefaultCredentialsProvider provider = DefaultCredentialsProvider.builder().build()) {
            String why =
                    MissingCredentials.why(
                            assertThrows(SdkClientException.class, provider::resolveCredentials));
            assertEquals(1, why.lines().count(), why);
            return why;
        }
    }

    @Test
    void whereNothingIsNamedItSaysWhatWasLookedAt() {
        assertTrue(said().startsWith("none were found in environment variables"), said());
        assertEquals(Optional.empty(), MissingCredentials.webIdentity());
    }

    @Test
    void aTokenThatCannotBeReadIsNamed() throws Exception {
        Path token = folder.resolve("token");
        set(TOKEN, token.toString());
        String file = "AWS_WEB_IDENTITY_TOKEN_FILE: '" + token + "' ";
        assertEquals(file + "needs AWS_ROLE_ARN, which is not set; set both or neither", said());
        set(ROLE, "arn:aws:iam::123456789012:role/millrace");
        assertEquals(file + "does not exist; mount the service account's token there", said());
        Files.createDirectory(token);
        assertEquals(file + "cannot be read; make it a file that this user may read", said());
        assertEquals(said(), MissingCredentials.webIdentity().orElseThrow());
    }

    @Test
    void whatARoleIsRefusedForIsSaid() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "token");
        set(TOKEN, token.toString());
        set(ROLE, "arn:aws:iam::123456789012:role/millrace");
        set("aws.region", "eu-central-1");
        set("aws.endpointUrlSts", "http://127.0.0.1:1");
        assertEquals(Optional.empty(), MissingCredentials.webIdentity());
        String why = said();
        assertTrue(why.startsWith("AWS_WEB_IDENTITY_TOKEN_FILE gave none: Unable to execute"), why);
        assertTrue(why.contains("http://127.0.0.1:1 failed"), why);
        assertTrue(
                why.endsWith(
                        "; check AWS_ROLE_ARN, and that the role trusts the pod's service account"),
                why);
    }

    @Test
    void aProfileIsNamed() throws Exception {
        Path config =
                Files.writeString(
                        folder.resolve("config"),
                        """
                        [profile worker]
                        role_arn = arn:aws:iam::123456789012:role/millrace
                        source_profile = base
                        [profile base]
                        aws_access_key_id = AKIABASE
                        aws_secret_access_key = secret
                        """);
        set("aws.configFile", config.toString());
        set("aws.profile", "worker");
        set("aws.region", "eu-central-1");
        set("aws.endpointUrlSts", "http://127.0.0.1:1");
        String why = said();
        assertTrue(why.startsWith("AWS_PROFILE gave none: Unable to execute HTTP request"), why);
        set("aws.profile", "nobody");
        why = said();
        assertTrue(why.startsWith("AWS_PROFILE gave none: Profile file contained no"), why);
        assertTrue(
                why.endsWith("; correct AWS_PROFILE, or the profile in the files of ~/.aws"), why);
    }

    /** As EKS Pod Identity has it. */
    @Test
    void aContainersEndpointIsNamed() {
        set("aws.containerCredentialsFullUri", "http://127.0.0.1:1/v1/credentials");
        String why = said();
        assertTrue(why.startsWith("AWS_CONTAINER_CREDENTIALS_FULL_URI gave none: "), why);
        assertTrue(why.endsWith("; check the role of the pod or the task"), why);
    }
}
