package dev.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shell scripts, as far as they can be tested without what they are for. */
class ScriptsTest {
    @TempDir private Path folder;

    @Test
    void theGpuCheckNeedsAGpu() throws Exception {
        passes("gpu-check-test.sh");
    }

    @Test
    void joinNoticesMissingAndDamagedParts() throws Exception {
        passes("join-test.sh");
    }

    @Test
    void theLauncherKnowsTheProfile() throws Exception {
        passes("profile-test.sh");
    }

    @Test
    void theLauncherUsesItsCacheButNotInTraining() throws Exception {
        passes("cache-test.sh");
    }

    @Test
    void theBundleHasTheLaunchersFlags() throws Exception {
        passes("bundle-test.sh");
    }

    @Test
    void theArchiveHasTheLaunchersFlagsAndSaysThatItNeedsAJdk() throws Exception {
        passes("archive-test.sh");
    }

    @Test
    void theUnitIsUnderstoodAndConfined() throws Exception {
        passes("systemd-test.sh");
    }

    @Test
    void eachScriptHasHelpAndAnswersMistakes() throws Exception {
        passes("help-test.sh");
    }

    @Test
    void theLauncherSaysWhyItCannotBuild() throws Exception {
        passes("launcher-test.sh");
    }

    private void passes(String script) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        Process process =
                new ProcessBuilder("bash", "scripts/test/" + script)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it must not hang");
        String said = Files.readString(output);
        assertEquals(0, process.exitValue(), said);
        said.lines().filter(line -> line.contains(": skipped, ")).forEach(System.out::println);
    }
}
