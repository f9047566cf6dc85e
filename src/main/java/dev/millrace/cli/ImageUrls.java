package dev.millrace.cli;

import dev.millrace.config.ConfigException;
import dev.millrace.job.ObjectRef;
import dev.millrace.verify.ImageFiles;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The URLs that the words of {@code submit} stand for: URLs, lists of them and folders. */
record ImageUrls(Optional<String> baseUrl) {
    /**
     * The URLs of all words, in order.
     *
     * @throws ConfigException with one line where a word stands for none
     */
    List<String> of(List<String> words) {
        return words.stream().flatMap(word -> of(word).stream()).toList();
    }

    private List<String> of(String word) {
        if (isScheme(word)) {
            requireImage("IMAGE", word);
            return List.of(word);
        }
        Path path = Path.of(word);
        try {
            List<String> urls = Files.isDirectory(path) ? inFolder(path) : inFile(path);
            if (urls.isEmpty()) {
                throw new ConfigException(
                        "IMAGE: '%s' names no image; give a folder with images, or a file with URLs"
                                .formatted(word));
            }
            return urls;
        } catch (CharacterCodingException e) {
            throw new ConfigException(
                    ("IMAGE: '%s' is not a text file of URLs; to send the images of a folder, give"
                                    + " the folder, and --base-url for where it is served")
                            .formatted(word));
        } catch (IOException e) {
            throw new ConfigException(
                    ("IMAGE: '%s' is neither a URL nor a file or folder that can be read; check it")
                            .formatted(word));
        }
    }

    private static boolean isScheme(String word) {
        return word.matches("[a-zA-Z][a-zA-Z0-9+.-]*://.*");
    }

    private static void requireImage(String where, String url) {
        if (!ObjectRef.isS3(url)) {
            requireHttp(where, url);
            return;
        }
        try {
            ObjectRef.parse(url);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("%s: '%s': %s".formatted(where, url, e.getMessage()));
        }
    }

    /** Anything else would only be found out by the worker, message by message. */
    static void requireHttp(String where, String url) {
        if (!url.matches("(?i)https?://[^/?#\\s][^\\s]*")) {
            throw new ConfigException(
                    "%s: '%s' is not a URL; write it like https://images.example.com/cat.jpg"
                            .formatted(where, url));
        }
    }

    private List<String> inFolder(Path folder) throws IOException {
        if (baseUrl.isEmpty()) {
            throw new ConfigException(
                    "--base-url: missing; the worker downloads images, so say where the files of '%s' are served"
                            .formatted(folder));
        }
        requireHttp("--base-url", baseUrl.get());
        String base = baseUrl.get().replaceAll("/$", "") + "/";
        return ImageFiles.namesIn(folder).stream()
                .map(name -> URLEncoder.encode(name, StandardCharsets.UTF_8))
                .map(name -> base + name.replace("+", "%20"))
                .toList();
    }

    private static List<String> inFile(Path file) throws IOException {
        List<String> urls = new ArrayList<>();
        List<String> lines = Files.readAllLines(file);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                requireImage("IMAGE: line " + (i + 1) + " of '" + file + "'", line);
                urls.add(line);
            }
        }
        return urls;
    }
}
