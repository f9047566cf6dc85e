package dev.millrace.lab.engine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.lab.demo.OutputFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where figures go for a program to read, where that is wanted. */
final class JsonOption {
    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "File that the figures are written to, as JSON (default: none).")
    private Optional<Path> file = Optional.empty();

    /** Throws where it could not be written, before the figures are measured. */
    void check() {
        OutputFile.require("--json", file);
    }

    void write(JsonNode figures) throws IOException {
        if (file.isPresent()) {
            Files.writeString(file.get(), figures.toPrettyString() + System.lineSeparator());
        }
    }
}
