package dev.millrace.batch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import dev.millrace.job.FailureException;
import dev.millrace.resource.Resources;
import dev.millrace.source.ContentsReader;
import dev.millrace.source.MalformedRequestException;
import dev.millrace.worker.InProcess;
import dev.millrace.worker.UrlPolicies;
import dev.millrace.worker.Worker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * A worker in this process that works through a list of images, from a queue in memory into a file
 * of results. Images that the file has results of are left out, so that a run that was broken off
 * goes on. The thread {@code batch-feed} reads the list, never far ahead of the worker. Owns the
 * worker and all that surrounds it.
 */
public final class BatchRun implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Waiting for the worker at a time; it takes ten in a call. */
    private static final int READY = 256;

    /** Waiting to be tried again. */
    private static final int WAITING = 20_000;

    /** Beyond those after which the worker says that an image cannot be had. */
    private static final int MORE_RECEIVES = 5;

    private static final int MAX_ID = 256;

    private final Resources resources = new Resources();
    private final DoneKeys keys;
    private final ImageWords.Survey survey;
    private final ImageWords words;
    private final String word;
    private final List<String> tasks;
    private final ResultFile results;
    private final ContentsReader contents;
    private final MemoryQueue queue;
    private final Worker worker;
    private final Thread feeder;
    private final CompletableFuture<Optional<ConfigException>> fed = new CompletableFuture<>();
    private volatile long repeated;

    /**
     * Opens everything and begins nothing. Throws {@link ConfigException} with one line.
     *
     * @param given what the worker is told, but for its queue and its results
     * @param word a folder, a prefix in a bucket, or a file of URLs
     * @param retryErrors whether images that the file has an error of are not done
     */
    public BatchRun(
            WorkerConfig given,
            List<String> tasks,
            Columns columns,
            BucketLists buckets,
            String word,
            Path out,
            boolean retryErrors)
            throws InterruptedException {
        this.word = word;
        this.tasks = List.copyOf(tasks);
        try {
            Optional<FolderServer> server = server(word);
            this.words = new ImageWords(server.map(FolderServer::url), columns, buckets);
            this.survey = words.survey(List.of(word));
            UnaryOperator<String> names =
                    server.<UnaryOperator<String>>map(one -> one::name).orElse(url -> url);
            this.keys = resources.own(new DoneKeys(out.toAbsolutePath().getParent()));
            this.results = ResultFile.open(out, tasks, retryErrors, keys, names);
            resources.own(results::close);
            WorkerConfig config = BatchConfig.embedded(given, server.isPresent(), buckets, survey);
            this.contents = UrlPolicies.contents(config);
            this.queue =
                    new MemoryQueue(
                            READY,
                            config.admission().messages() + WAITING,
                            config.fetch().maxReceives() + MORE_RECEIVES,
                            (_, body) -> dead(body));
            this.worker = resources.own(Worker.load(config, new InProcess(queue, results)));
            this.feeder = Thread.ofPlatform().daemon().name("batch-feed").unstarted(this::feed);
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    private Optional<FolderServer> server(String word) {
        if (word.contains("://") || !Files.isDirectory(Path.of(word))) {
            return Optional.empty();
        }
        try {
            return Optional.of(resources.own(new FolderServer(Path.of(word))));
        } catch (IOException e) {
            throw new ConfigException(
                    "IMAGES: '%s' cannot be read by the worker, since no port of 127.0.0.1 is free"
                            .formatted(word));
        }
    }

    /** Begins to work. */
    public void begin() {
        worker.begin();
        feeder.start();
    }

    private void feed() {
        try {
            words.each(List.of(word), this::feed);
            fed.complete(Optional.empty());
        } catch (EndedException | InterruptedException e) {
            fed.complete(Optional.empty());
        } catch (ConfigException e) {
            fed.complete(Optional.of(e));
        } catch (Throwable e) {
            fed.completeExceptionally(e);
        }
    }

    /** No more are wanted. */
    private static final class EndedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        EndedException() {
            super(null, null, false, false);
        }
    }

    private void feed(BatchImage image) {
        String name = results.name(image.url());
        String id = image.id().orElseGet(() -> id(name));
        if (!keys.add(id)) {
            repeated++;
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
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] hash = digest.digest(name.getBytes(StandardCharsets.UTF_8));
            return "sha256:" + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The worker never came to an end with it. */
    private void dead(String body) {
        try {
            JsonNode message = JSON.readTree(body);
            failed(
                    message.path("id").asText(),
                    message.path("url").asText(),
                    "the worker could not take the message; its log says why");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether all are done, or the worker cannot go on. */
    public boolean isOver() {
        return worker.fault().isDone() || fed.isDone() && queue.size() == 0;
    }

    /** Why the worker cannot go on, if that is so. */
    public boolean isBroken() {
        return worker.fault().isDone();
    }

    /** Why the list of images ended before its end, if it did. */
    public Optional<String> brokenOff() {
        if (fed.isCompletedExceptionally()) {
            return Optional.of("the list of images broke off: " + fed.exceptionNow());
        }
        return fed.getNow(Optional.empty()).map(ConfigException::getMessage);
    }

    /** Lets the worker end what it has, for so long; what is not begun stays undone. */
    public void drain(Duration limit) throws InterruptedException {
        queue.end();
        worker.drain(limit);
    }

    /** How many images there are, where that is known. */
    public Optional<Long> images() {
        return survey.images();
    }

    /** Of the images of the list, those that were left out, since they are done or come twice. */
    public long leftOut() {
        return repeated;
    }

    public ResultFile results() {
        return results;
    }

    /** On what the worker computes. */
    public String device() {
        return worker.device().description();
    }

    /** Ends the worker at once, if nobody drained it. */
    @Override
    public void close() {
        queue.end();
        resources.close();
    }
}
