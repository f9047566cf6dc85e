package dev.millrace.lab.bench;

import dev.millrace.cli.StatusLine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Shows how much of a measurement is done and how long the rest will take, from the first second
 * on: a bar on a terminal, elsewhere a line every ten seconds. The time is that of the steps which
 * are planned, and what the steps so far took beside their plans. Owns the thread that shows it;
 * one other thread says which step begins.
 */
public final class TimeLeft implements AutoCloseable {
    private static final Duration REDRAWN = Duration.ofMillis(500);
    private static final Duration LINES = Duration.ofSeconds(10);

    /**
     * What a step takes beside its plan, until one has shown it: a worker's process starts and
     * ends, and what was sent to it comes to its end.
     */
    private static final double USUAL_BESIDE = TimeUnit.SECONDS.toNanos(6);

    private final StatusLine status;
    private final String word;
    private final List<Duration> steps;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread shows;
    private final List<Double> beside = new ArrayList<>();
    private int step;
    private String doing = "queue, image host and sink start";
    private final long startNs = System.nanoTime();
    private long stepNs = startNs;

    /**
     * Begins to show.
     *
     * @param word before the time: {@code about}, or {@code at most} where steps may be left out
     * @param steps how long each is planned to take
     */
    public TimeLeft(StatusLine status, String word, List<Duration> steps) {
        this.status = status;
        this.word = word;
        this.steps = List.copyOf(steps);
        this.shows = Thread.ofPlatform().daemon().name("time-left").start(this::show);
    }

    private void show() {
        Duration pause = status.redraws() ? REDRAWN : LINES;
        try {
            do {
                long nowNs = System.nanoTime();
                if (status.redraws()) {
                    status.show(done(nowNs), sentence(nowNs));
                } else {
                    status.line(
                            String.format(
                                    Locale.ROOT,
                                    "%.0f %% done, %s",
                                    100 * done(nowNs),
                                    sentence(nowNs)));
                }
            } while (!closed.await(pause.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * The step that went on is over, and the next one begins.
     *
     * @param result of it, a line that stays
     */
    public synchronized void next(String result) {
        long nowNs = System.nanoTime();
        double more = nowNs - stepNs - planned(step);
        // In the first one everything else starts as well; and one that ended early, as a warm-up
        // does where nothing gets faster, tells nothing of the others.
        if (more > 0 && step > 0) {
            beside.add(more);
        }
        step = Math.min(step + 1, steps.size());
        stepNs = nowNs;
        status.line(result);
    }

    /** A line that stays. */
    void line(String text) {
        status.line(text);
    }

    /** What the step that goes on does. */
    public synchronized void doing(String what) {
        doing = what;
    }

    private double planned(int which) {
        return which < steps.size() ? steps.get(which).toNanos() : 0;
    }

    /** Nanoseconds. */
    private synchronized double left(long nowNs) {
        double more = beside.stream().mapToDouble(ns -> ns).average().orElse(USUAL_BESIDE);
        double left = 0;
        for (int later = step; later < steps.size(); later++) {
            double takes = planned(later) + (later == 0 ? 2 * more : more);
            left += later == step ? Math.max(0, takes - (nowNs - stepNs)) : takes;
        }
        return left;
    }

    private double done(long nowNs) {
        double left = left(nowNs);
        double passed = nowNs - startNs;
        // All is done only when nothing is shown any more.
        return passed <= 0 ? 0 : Math.min(0.99, passed / (passed + left));
    }

    private synchronized String sentence(long nowNs) {
        long seconds = Math.round(left(nowNs) / 1e9);
        return (seconds > 0 ? word + " " + text(seconds) + " left" : "longer than planned")
                + ": "
                + doing;
    }

    /** As a person says it. */
    static String text(long seconds) {
        if (seconds < 60) {
            return seconds + " s";
        }
        return seconds < 3600
                ? seconds / 60 + " min " + seconds % 60 + " s"
                : seconds / 3600 + " h " + seconds / 60 % 60 + " min";
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            shows.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        status.close();
    }
}
