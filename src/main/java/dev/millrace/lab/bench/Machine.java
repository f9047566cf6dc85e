package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the figures were measured on. */
public final class Machine {
    private static final Path CPU = Path.of("/proc/cpuinfo");

    private Machine() {}

    public static ObjectNode json() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("cores", Runtime.getRuntime().availableProcessors())
                .put("cpu", cpu())
                .put("os", System.getProperty("os.name"))
                .put("jdk", Runtime.version().toString())
                .put("helpers", "on the same machine");
    }

    /** What {@link #json} gave, for a person. */
    public static String sentence(JsonNode machine) {
        return machine.path("cores").asText()
                + " cores ("
                + machine.path("cpu").asText()
                + "), which the queue, the image host and the sink share with the worker; JDK "
                + machine.path("jdk").asText();
    }

    private static String cpu() {
        try {
            return Files.readString(CPU)
                    .lines()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElseGet(() -> System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }
}
