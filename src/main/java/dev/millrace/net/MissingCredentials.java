package dev.millrace.net;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.profiles.ProfileFileSystemSetting;
import software.amazon.awssdk.utils.SystemSetting;

/**
 * Says why the AWS SDK found no credentials, by what the environment says that they come from: the
 * SDK asks one source after the other, and its own message is all that each of them said.
 */
public final class MissingCredentials {
    private static final String ANYWHERE =
            "none were found in environment variables, in the files of ~/.aws or in a role of this"
                    + " machine; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE";

    private static final int MAX_REASON = 300;

    private MissingCredentials() {}

    /** A source that the environment can name, in the order in which the SDK asks them. */
    private enum Source {
        WEB_IDENTITY(
                SdkSystemSetting.AWS_WEB_IDENTITY_TOKEN_FILE,
                "WebIdentityTokenFileCredentialsProvider",
                "check AWS_ROLE_ARN, and that the role trusts the pod's service account"),
        PROFILE(
                ProfileFileSystemSetting.AWS_PROFILE,
                "ProfileCredentialsProvider",
                "correct AWS_PROFILE, or the profile in the files of ~/.aws"),
        CONTAINER_URI(
                SdkSystemSetting.AWS_CONTAINER_CREDENTIALS_FULL_URI,
                "ContainerCredentialsProvider",
                "check the role of the pod or the task"),
        CONTAINER_PATH(
                SdkSystemSetting.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI,
                "ContainerCredentialsProvider",
                "check the role of the task");

        private final SystemSetting setting;
        private final Pattern said;
        private final String todo;

        Source(SystemSetting setting, String provider, String todo) {
            this.setting = setting;
            this.said =
                    Pattern.compile(
                            ", "
                                    + provider
                                    + "\\(.*?\\)?\\): ((?:(?!, \\w+CredentialsProvider\\().)+)",
                            Pattern.DOTALL);
            this.todo = todo;
        }

        /** Whether the environment names it; a profile is always there, by its default. */
        private boolean isNamed() {
            return setting.getStringValue()
                    .filter(value -> !value.equals(setting.defaultValue()))
                    .isPresent();
        }

        private String line(String message) {
            Matcher matcher = said.matcher(message.substring(Math.max(0, message.indexOf(" : ["))));
            String reason = matcher.find() ? ": " + matcher.group(1).strip() : "";
            return "%s gave none%s; %s"
                    .formatted(
                            setting.environmentVariable(),
                            reason.substring(0, Math.min(reason.length(), MAX_REASON)),
                            todo);
        }
    }

    /**
     * The rest of a line that begins with who needs AWS credentials.
     *
     * @param failure of the SDK
     */
    public static String why(Throwable failure) {
        return webIdentity()
                .or(
                        () ->
                                Arrays.stream(Source.values())
                                        .filter(Source::isNamed)
                                        .findFirst()
                                        .map(it -> it.line(String.valueOf(failure.getMessage()))))
                .orElse(ANYWHERE);
    }

    /**
     * What is wrong with the token that a role is to be had for, in one line; empty where there is
     * none or nothing is. The SDK then goes on to the role of the machine, which is another one.
     */
    public static Optional<String> webIdentity() {
        return SdkSystemSetting.AWS_WEB_IDENTITY_TOKEN_FILE
                .getStringValue()
                .map(Path::of)
                .flatMap(MissingCredentials::wrong);
    }

    private static Optional<String> wrong(Path token) {
        String what =
                SdkSystemSetting.AWS_ROLE_ARN.getStringValue().isEmpty()
                        ? "needs AWS_ROLE_ARN, which is not set; set both or neither"
                        : !Files.exists(token)
                                ? "does not exist; mount the service account's token there"
                                : !Files.isRegularFile(token) || !Files.isReadable(token)
                                        ? "cannot be read; make it a file that this user may read"
                                        : "";
        return what.isEmpty()
                ? Optional.empty()
                : Optional.of("AWS_WEB_IDENTITY_TOKEN_FILE: '%s' %s".formatted(token, what));
    }
}
