package dev.millrace.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Holds the bill of materials against the jars that are shipped; ends with 1 where they differ. */
public final class SbomCheck {
    private SbomCheck() {}

    /**
     * @param arguments the bill, and the folder of the jars
     */
    public static void main(String... arguments) throws IOException {
        JsonNode bill = new ObjectMapper().readTree(Files.readAllBytes(Path.of(arguments[0])));
        List<String> complaints = complaints(bill, jars(Path.of(arguments[1])));
        complaints.forEach(line -> System.err.println("the bill of materials: " + line));
        if (!complaints.isEmpty()) {
            System.exit(1);
        }
        System.out.println(
                "the bill of materials names all " + bill.get("components").size() + " jars");
    }

    private static Set<String> jars(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /**
     * One line for each jar that is not in it, each entry without a jar, and each without a
     * licence.
     */
    static List<String> complaints(JsonNode bill, Set<String> jars) {
        List<String> complaints = new ArrayList<>();
        Set<String> missing = new TreeSet<>(jars);
        for (JsonNode component : bill.get("components")) {
            String jar = jar(component);
            if (!missing.remove(jar)) {
                complaints.add(jar + " is in it and is not shipped");
            }
            if (component.path("licenses").isEmpty()) {
                complaints.add(jar + " has no licence");
            }
        }
        missing.forEach(jar -> complaints.add(jar + " is shipped and not in it"));
        return complaints;
    }

    private static String jar(JsonNode component) {
        String purl = component.path("purl").asText();
        String classifier =
                purl.contains("classifier=")
                        ? "-" + purl.replaceAll(".*classifier=([^&]*).*", "$1")
                        : "";
        return component.path("name").asText()
                + "-"
                + component.path("version").asText()
                + classifier
                + ".jar";
    }
}
