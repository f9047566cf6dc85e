package dev.millrace.batch;

import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import dev.millrace.resource.Resources;
import dev.millrace.source.ContentsReader;
import dev.millrace.worker.InProcess;
import dev.millrace.worker.UrlPolicies;
import dev.millrace.worker.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A worker in this process that works through a list of images, from a queue in memory into a file
 * of results. Images that the file has results of are left out, so that a run that was broken off
 * goes on. Owns the worker and all that surrounds it.
 */
public final class BatchRun implements AutoCloseable {
    /** Waiting for the worker at a time; it takes ten in a call. */
    private static final int READY = 256;

    /** Waiting to be tried again. */
    private static final int WAITING = 20_000;

    /** Beyond those after which the worker says that an image cannot be had. */
    private static final int MORE_RECEIVES = 5;

    private final Resources resources = new Resources();
    private final ImageWords.Survey survey;
    private final ResultFile results;
    private final MemoryQueue queue;
    private final Worker worker;
    private final BatchFeed feed;

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
        try {
            Optional<FolderServer> server = server(word);
            ImageWords words = new ImageWords(server.map(FolderServer::url), columns, buckets);
            this.survey = words.survey(List.of(word));
            UnaryOperator<String> names =
                    server.<UnaryOperator<String>>map(one -> one::name).orElse(url -> url);
            DoneKeys keys = resources.own(new DoneKeys(out.toAbsolutePath().getParent()));
            this.results = ResultFile.open(out, tasks, retryErrors, keys, names);
            resources.own(results::close);
            WorkerConfig config = BatchConfig.embedded(given, server.isPresent(), buckets, survey);
            ContentsReader contents = UrlPolicies.contents(config);
            this.queue =
                    new MemoryQueue(
                            READY,
                            config.admission().messages() + WAITING,
                            config.fetch().maxReceives() + MORE_RECEIVES,
                            (_, body) -> BatchFeed.dead(body, results, tasks));
            this.feed = new BatchFeed(words, word, tasks, keys, results, contents, queue);
            this.worker = resources.own(Worker.load(config, new InProcess(queue, results)));
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
        feed.start();
    }

    /** Whether all are done, or the worker cannot go on. */
    public boolean isOver() {
        return worker.fault().isDone() || feed.isOver() && queue.size() == 0;
    }

    /** Why the worker cannot go on, if that is so. */
    public boolean isBroken() {
        return worker.fault().isDone();
    }

    /** Why the list of images ended before its end, if it did. */
    public Optional<String> brokenOff() {
        return feed.brokenOff();
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
        return feed.leftOut();
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
