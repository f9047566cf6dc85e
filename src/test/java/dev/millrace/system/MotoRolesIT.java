package dev.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.Moto;
import dev.millrace.testing.MotoScene;
import dev.millrace.testing.Slow;
import dev.millrace.testing.WaitsMostly;
import dev.millrace.testing.WorkerProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Workers that have their credentials from a role, as pods on EKS and profiles with {@code
 * role_arn} do. Skipped, with one line, where moto is not installed.
 */
@WaitsMostly
@Slow
class MotoRolesIT {
    private static final String ROLE = "arn:aws:iam::123456789012:role/millrace";
    private static final List<String> CALLS =
            List.of("sqs AmazonSQS.ReceiveMessage", "sqs AmazonSQS.SendMessageBatch", "s3 GET");

    /** The SDK asks for others five minutes before the end, and uses none in the last minute. */
    private static final Duration SESSION = Duration.ofSeconds(70);

    @TempDir private Path folder;
    private Moto moto;

    @BeforeAll
    static void isThere() throws Exception {
        Moto.require(MotoRolesIT.class);
    }

    @BeforeEach
    void start() throws Exception {
        moto = Moto.start(folder, SESSION);
    }

    @AfterEach
    void end() {
        moto.close();
    }

    @Test
    void aPodsRoleIsUsedForQueuesAndObjectsAndRenewed() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "a service account's token");
        try (MotoScene scene = new MotoScene(moto, MotoScene.Way.TOPIC, "pod", 10);
                WorkerProcess worker =
                        scene.workerWithRole(
                                folder,
                                List.of(
                                        "AWS_ROLE_ARN=" + ROLE,
                                        "AWS_WEB_IDENTITY_TOKEN_FILE=" + token))) {
            worker.awaitReady();
            for (int photos = 1; isNotRenewed(); photos++) {
                assertTrue(photos < 60, moto::output);
                scene.upload(photos);
                scene.verdicts.await(photos, 60, worker::output);
                Thread.sleep(1000);
            }
            assertEquals(0, scene.verdicts.lost(), scene.verdicts::missing);
            assertEquals(0, scene.deadLetters());
            assertSessions();
        }
    }

    private boolean isNotRenewed() {
        return CALLS.stream().anyMatch(call -> signers(call).size() < 2);
    }

    /** Of the worker: the test has keys of its own, and receives as well. */
    private List<String> signers(String call) {
        return moto.signers(call).stream().filter(key -> !key.equals(MotoScene.KEY)).toList();
    }

    private void assertSessions() {
        for (String call : CALLS) {
            List<String> keys = signers(call);
            assertFalse(keys.isEmpty(), call);
            assertTrue(keys.stream().allMatch(key -> key.startsWith("ASIA")), keys::toString);
        }
    }

    @Test
    void aProfileMayNameARole() throws Exception {
        Path config =
                Files.writeString(
                        folder.resolve("config"),
                        """
                        [profile worker]
                        role_arn = %s
                        source_profile = base
                        [profile base]
                        aws_access_key_id = AKIABASE
                        aws_secret_access_key = secret
                        """
                                .formatted(ROLE));
        try (MotoScene scene = new MotoScene(moto, MotoScene.Way.TOPIC, "profile", 10);
                WorkerProcess worker =
                        scene.workerWithRole(
                                folder,
                                List.of("AWS_PROFILE=worker", "AWS_CONFIG_FILE=" + config))) {
            worker.awaitReady();
            scene.upload(1);
            scene.verdicts.await(1, 60, worker::output);
            assertEquals(0, scene.verdicts.lost(), scene.verdicts::missing);
            assertSessions();
            assertEquals(List.of("AKIABASE"), moto.signers("sts POST"));
        }
    }

    @Test
    void aTokenThatIsNotThereIsOneLine() throws Exception {
        Path token = folder.resolve("none");
        try (MotoScene scene = new MotoScene(moto, MotoScene.Way.TOPIC, "tokenless", 10);
                WorkerProcess worker =
                        scene.workerWithRole(
                                folder,
                                List.of(
                                        "AWS_ROLE_ARN=" + ROLE,
                                        "AWS_WEB_IDENTITY_TOKEN_FILE=" + token))) {
            assertEquals(2, worker.exitCode(60), worker::output);
            List<String> lines =
                    worker.output().lines().filter(line -> line.contains("millrace:")).toList();
            assertEquals(1, lines.size(), worker::output);
            assertTrue(
                    lines.getFirst()
                            .contains(
                                    "needs AWS credentials, and AWS_WEB_IDENTITY_TOKEN_FILE: '"
                                            + token
                                            + "' does not exist; mount the service account's token there"),
                    lines::toString);
        }
    }
}
