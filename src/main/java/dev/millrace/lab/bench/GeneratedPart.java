package dev.millrace.lab.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The part of a document that a command writes; what people wrote around it stays. */
final class GeneratedPart {
    static final String BEGIN = "<!-- generated -->\n";
    static final String END = "<!-- end of the generated part -->\n";

    private GeneratedPart() {}

    /** Writes it between its marks; a document that has none ends with it. */
    static void write(Path file, String part) throws IOException {
        String before = Files.exists(file) ? Files.readString(file) : "";
        int begin = before.indexOf(BEGIN);
        int end = before.indexOf(END);
        String marked = BEGIN + part + END;
        Files.writeString(
                file,
                begin < 0 || end < begin
                        ? before + marked
                        : before.substring(0, begin)
                                + marked
                                + before.substring(end + END.length()));
    }
}
