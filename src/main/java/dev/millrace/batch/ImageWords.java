package dev.millrace.batch;

import dev.millrace.config.ConfigException;
import dev.millrace.job.ObjectRef;
import dev.millrace.objects.AllowedBucket;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The images that the words of a command stand for: URLs, files of URLs, folders, and prefixes in
 * buckets. They are read while they are used, since there may be millions. Every mistake is a
 * {@link ConfigException} with one line.
 *
 * @param baseUrl where the files of a folder are served
 * @param columns which columns of a table are read
 * @param buckets lists prefixes in buckets
 */
public record ImageWords(Optional<String> baseUrl, Columns columns, BucketLists buckets) {
    /** Whether a word means the objects below a prefix, and not one of them. */
    public static boolean isPrefix(String word) {
        return ObjectRef.isS3(word) && !word.contains("?versionId=") && !FolderImages.isImage(word);
    }

    /**
     * Reads all but the lists of buckets once, so that every mistake in files is found before
     * anything is done.
     */
    public Survey survey(List<String> words) throws InterruptedException {
        long[] all = {0};
        boolean known = true;
        Map<String, AllowedBucket> named = new TreeMap<>();
        Map<String, String> listed = new TreeMap<>();
        for (String word : words) {
            if (isPrefix(word)) {
                AllowedBucket prefix = BucketLists.prefix(word);
                named.put(prefix.bucket(), prefix);
                known = false;
            } else {
                each(
                        word,
                        image -> {
                            all[0]++;
                            Optional<String> bucket =
                                    ObjectRef.in(image.url()).map(ObjectRef::bucket);
                            if (ObjectRef.isS3(word)) {
                                bucket.ifPresent(name -> named.put(name, AllowedBucket.of(name)));
                            } else {
                                bucket.ifPresent(name -> listed.putIfAbsent(name, word));
                            }
                        });
            }
        }
        return new Survey(
                known ? Optional.of(all[0]) : Optional.empty(),
                List.copyOf(named.values()),
                Map.copyOf(listed));
    }

    /**
     * What is known before anything is done.
     *
     * @param images how many there are, where no bucket has to be asked for it
     * @param buckets that the words name
     * @param listed buckets that lines of files name, each with the first such file: whoever wrote
     *     it may be another one than who gives the word
     */
    public record Survey(
            Optional<Long> images, List<AllowedBucket> buckets, Map<String, String> listed) {}

    /**
     * Hands over the images of all words, in order.
     *
     * @param taker may wait, and is called by the caller's thread
     */
    public void each(List<String> words, Consumer<BatchImage> taker) throws InterruptedException {
        for (String word : words) {
            each(word, taker);
        }
    }

    private void each(String word, Consumer<BatchImage> taker) throws InterruptedException {
        boolean[] any = {false};
        Consumer<BatchImage> noted =
                image -> {
                    any[0] = true;
                    taker.accept(image);
                };
        if (isPrefix(word)) {
            buckets.each(word, noted);
        } else if (word.matches("[a-zA-Z][a-zA-Z0-9+.-]*://.*")) {
            requireImage("IMAGE", word);
            noted.accept(BatchImage.of(word));
        } else {
            eachOfFiles(Path.of(word), noted);
        }
        if (!any[0]) {
            throw new ConfigException(
                    "IMAGE: '%s' names no image; give a folder with images, or a file with URLs"
                            .formatted(word));
        }
    }

    private void eachOfFiles(Path path, Consumer<BatchImage> taker) {
        try {
            if (Files.isDirectory(path)) {
                FolderImages.each(path, name -> taker.accept(served(path, name)));
            } else {
                UrlFile.each(path, columns, taker);
            }
        } catch (CharacterCodingException e) {
            throw noText(path);
        } catch (IOException e) {
            throw new ConfigException(
                    "IMAGE: '%s' is neither a URL nor a file or folder that can be read; check it"
                            .formatted(path));
        }
    }

    /** The line for a file of bytes. */
    private static ConfigException noText(Path file) {
        return new ConfigException(
                ("IMAGE: '%s' is not a text file of URLs; to send the images of a folder, give"
                                + " the folder, and --base-url for where it is served")
                        .formatted(file));
    }

    private BatchImage served(Path folder, String encoded) {
        String base =
                baseUrl.orElseThrow(
                        () ->
                                new ConfigException(
                                        "--base-url: missing; the worker downloads images, so say where the files of '%s' are served"
                                                .formatted(folder)));
        return new BatchImage(
                base.replaceAll("/$", "") + "/" + encoded,
                // A name that is no text cannot be an id.
                FolderImages.text(encoded).isPresent()
                        ? Optional.empty()
                        : Optional.of(BatchFeed.hash(encoded)),
                Optional.empty());
    }

    /** Anything else would only be found out by the worker, message by message. */
    static void requireImage(String where, String url) {
        if (ObjectRef.isS3(url)) {
            try {
                ObjectRef.parse(url);
            } catch (IllegalArgumentException e) {
                throw new ConfigException("%s: '%s': %s".formatted(where, url, e.getMessage()));
            }
            return;
        }
        requireHttp(where, url);
    }

    /** A URL of a web server. */
    public static void requireHttp(String where, String url) {
        if (!url.regionMatches(true, 0, "http", 0, 4)
                || !url.toLowerCase(Locale.ROOT).matches("https?://[^/?#\\s][^\\s]*")) {
            throw new ConfigException(
                    "%s: '%s' is not a URL; write it like https://images.example.com/cat.jpg"
                            .formatted(where, url));
        }
    }
}
