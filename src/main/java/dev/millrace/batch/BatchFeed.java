package dev.millrace.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.config.ConfigException;
import dev.millrace.job.FailureException;
import dev.millrace.source.ContentsReader;
import dev.millrace.source.MalformedRequestException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Puts the images of a list into the queue of a run, but for those that are done. Its thread {@code
 * batch-feed} waits while the queue is full, so that it is never far ahead of the worker.
 */
final class BatchFeed {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int MAX_ID = 256;

    private final ImageWords words;
    private final String word;
    private final List<String> tasks;
    private final DoneKeys keys;
    private final ResultFile results;
    private final ContentsReader contents;
    private final MemoryQueue queue;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("batch-feed").unstarted(this::read);
    private final CompletableFuture<Optional<ConfigException>> end = new CompletableFuture<>();
    private volatile long leftOut;

    /**
     * @param word that names the images
     * @param keys of images that are done
     * @param results for images that cannot be put into the queue
     * @param contents refuses what the worker would not take
     */
    BatchFeed(
            ImageWords words,
            String word,
            List<String> tasks,
            DoneKeys keys,
            ResultFile results,
            ContentsReader contents,
            MemoryQueue queue) {
        this.words = words;
        this.word = word;
        this.tasks = List.copyOf(tasks);
        this.keys = keys;
        this.results = results;
        this.contents = contents;
        this.queue = queue;
    }

    void start() {
        thread.start();
    }

    /** Whether the list is read to its end, or broke off. */
    boolean isOver() {
        return end.isDone();
    }

    /** Why the list ended before its end, if it did. */
    Optional<String> brokenOff() {
        if (end.isCompletedExceptionally()) {
            return Optional.of("the list of images broke off: " + end.exceptionNow());
        }
        return end.getNow(Optional.empty()).map(ConfigException::getMessage);
    }

    /** Images that are done already, or come twice. */
    long leftOut() {
        return leftOut;
    }

    private void read() {
        try {
            words.each(List.of(word), this::put);
            end.complete(Optional.empty());
        } catch (EndedException | InterruptedException e) {
            end.complete(Optional.empty());
        } catch (ConfigException e) {
            end.complete(Optional.of(e));
        } catch (Throwable e) {
            end.completeExceptionally(e);
        }
    }

    /** No more are wanted. */
    private static final class EndedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        EndedException() {
            super(null, null, false, false);
        }
    }

    private void put(BatchImage image) {
        String name = results.name(image.url());
        String id = image.id().orElseGet(() -> id(name));
        if (!keys.add(id)) {
            leftOut++;
            return;
        }
        ObjectNode body = JSON.createObjectNode();
        new BatchImage(image.url(), Optional.of(id), image.metadata()).into(body);
        body.set("tasks", JSON.valueToTree(tasks));
        try {
            // The worker would leave it to the dead letter queue, which is not here.
            contents.read(body.toString(), id);
            if (!queue.put(body.toString())) {
                throw new EndedException();
            }
        } catch (MalformedRequestException | FailureException e) {
            failed(id, image.url(), e.getMessage());
        } catch (InterruptedException e) {
            throw new EndedException();
        }
    }

    private void failed(String id, String url, String why) {
        try {
            results.failed(id, url, tasks, why);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The name, where an id may be like that. */
    static String id(String name) {
        if (name.length() <= MAX_ID
                && !name.isBlank()
                && name.chars().noneMatch(Character::isISOControl)) {
            return name;
        }
        return hash(name);
    }

    /** An id for a name that cannot be one. */
    static String hash(String name) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] hash = digest.digest(name.getBytes(StandardCharsets.UTF_8));
            return "sha256:" + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The worker never came to an end with a message. */
    static void dead(String body, ResultFile results, List<String> tasks) {
        try {
            JsonNode message = JSON.readTree(body);
            results.failed(
                    message.path("id").asText(),
                    message.path("url").asText(),
                    tasks,
                    "the worker could not take the message; its log says why");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
