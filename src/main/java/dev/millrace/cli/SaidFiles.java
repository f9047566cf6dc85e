package dev.millrace.cli;

import dev.millrace.config.ConfigException;
import dev.millrace.deadletters.LastWords;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads what workers said of the messages that they gave back. */
final class SaidFiles {
    private SaidFiles() {}

    /**
     * @param named files, or '-' for standard input; none for what a worker with this configuration
     *     left on this machine, if it did
     */
    static LastWords read(List<String> named, Path config) {
        LastWords words = new LastWords();
        for (String name : named) {
            if (name.equals("-")) {
                read(words, name, System.in);
            } else {
                read(words, name, Path.of(name));
            }
        }
        if (named.isEmpty()) {
            LastWords.files(SuperviseCommand.stateDirectory(config)).stream()
                    .filter(Files::exists)
                    .forEach(file -> read(words, file.toString(), file));
        }
        return words;
    }

    private static void read(LastWords words, String name, Path file) {
        try (InputStream lines = Files.newInputStream(file)) {
            read(words, name, lines);
        } catch (IOException e) {
            throw unreadable(name);
        }
    }

    private static void read(LastWords words, String name, InputStream lines) {
        try {
            // Whatever else is in a log; a decoder of Files would end at bytes that are no UTF-8.
            words.read(new BufferedReader(new InputStreamReader(lines, StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw unreadable(name);
        }
    }

    private static ConfigException unreadable(String name) {
        return new ConfigException(
                "--said: '"
                        + name
                        + "' cannot be read; name a file with the log of a worker, or '-'");
    }
}
