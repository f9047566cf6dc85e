package dev.millrace.resource;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Which build of Millrace this is.
 *
 * @param version of the release, or {@code development} where it runs from classes
 * @param revision of the source, or {@code unknown} where it was built without Git
 */
public record Build(String version, String revision) {
    private static final String REVISION = "/dev/millrace/revision.txt";

    public static final Build THIS = new Build(packaged(), read());

    private static String packaged() {
        String version = Build.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    private static String read() {
        try (InputStream file = Build.class.getResourceAsStream(REVISION)) {
            String text =
                    file == null
                            ? ""
                            : new String(file.readAllBytes(), StandardCharsets.UTF_8).strip();
            return text.isEmpty() ? "unknown" : text;
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** What it calls itself towards the hosts that it asks. */
    public String userAgent() {
        return "Millrace/" + version;
    }
}
