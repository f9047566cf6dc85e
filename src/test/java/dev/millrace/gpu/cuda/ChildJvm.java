package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A test's main class in a process of its own: a library that was loaded stays, and its name with
 * it. JavaCPP's cache is a folder of the test's own, since it keeps links to libraries of earlier
 * runs.
 */
final class ChildJvm {
    /** For {@code JAVA_TOOL_OPTIONS}: the log as a worker has it, and not as tests do. */
    static final String LOG =
            "-Dlogback.configurationFile="
                    + Path.of("src/main/resources/logback.xml").toAbsolutePath();

    private ChildJvm() {}

    /** What the class said; it must have ended well. */
    static String run(Class<?> main, Path folder, Map<String, String> environment)
            throws Exception {
        return run(main, folder, environment, System.getProperty("java.class.path"));
    }

    static String run(Class<?> main, Path folder, Map<String, String> environment, String classPath)
            throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(System.getProperty("millrace.flags").strip().split("\\s+")));
        command.add("-Dorg.bytedeco.javacpp.cachedir=" + folder.resolve("cache"));
        command.add("-XX:ErrorFile=" + folder.resolve("hs_err.log"));
        command.addAll(List.of("-cp", classPath));
        command.addAll(List.of(main.getName(), folder.toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        return said;
    }
}
