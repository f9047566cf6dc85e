package dev.millrace.preprocess;

import dev.millrace.api.Fidelity;
import dev.millrace.api.InputTensor;
import dev.millrace.duty.Duties;
import dev.millrace.image.DecodeCost;
import dev.millrace.image.ImageLimits;
import dev.millrace.job.JobEntrance;
import dev.millrace.job.JobRing;
import dev.millrace.job.Message;
import dev.millrace.job.PreprocessedImage;
import dev.millrace.resource.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Supplier;

/**
 * The way into a ring of an image that takes far longer to decode than the others. The ring is in
 * order, so such an image would hold up all behind it; it is prepared first, on a thread beside
 * those of the ring, and enters with its pixels. All other images go straight in.
 *
 * <p>Far longer is meant against the images of late: where they are all large, they are the ring's.
 * Thread-safe; owns the threads and one row each.
 */
public final class SlowImageEntrance implements JobEntrance, AutoCloseable {
    /** How many times the mean. */
    private static final double STANDS_OUT = 4;

    /** Weight of the newest image in the mean; small, since one image may cost a hundred others. */
    private static final double NEWEST = 1 / 64.0;

    private final Resources resources = new Resources();
    private final JobRing ring;
    private final PreparedRows rows;
    private final long rowBytes;
    private final BlockingQueue<SlowImageThread> idle;

    // What a progressive JPEG may be reduced to; 0 where it is decoded whole.
    private final int width;
    private final int height;

    /** Of late. Races only blur it, and so does who asks twice. */
    private volatile double meanNs;

    /**
     * @param preprocessors gives each thread its own
     * @param threadCount images that are prepared at the same time; more of them wait
     * @param rows of all models
     * @param duties gives them their threads
     */
    public SlowImageEntrance(
            JobRing ring,
            Supplier<JobPreprocessor> preprocessors,
            int threadCount,
            PreparedRows rows,
            Duties duties) {
        this.ring = ring;
        this.rows = rows;
        List<SlowImageThread> threads = new ArrayList<>();
        InputTensor like = ring.get(0).input();
        this.rowBytes = like.pixels().byteSize();
        boolean reduced = true;
        try {
            for (int i = 0; i < threadCount; i++) {
                String name = "preprocess-" + ring.name() + "-side-" + i;
                JobPreprocessor preprocessor = preprocessors.get();
                reduced &= preprocessor.fidelity() == Fidelity.FAST;
                threads.add(resources.own(new SlowImageThread(name, preprocessor, like, duties)));
            }
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
        this.width = reduced ? like.width() : 0;
        this.height = reduced ? like.height() : 0;
        this.idle = new ArrayBlockingQueue<>(threadCount, false, threads);
    }

    @Override
    public boolean publish(Message message, int task, byte[] body) throws InterruptedException {
        if (!standsOut(body)) {
            return ring.publish(message, task, body);
        }
        long arrivedNs = System.nanoTime();
        // Before it is prepared: what is prepared takes heap until the ring has a slot for it.
        PreparedRows.Reservation room = rows.reserve(rowBytes, message.hasCaller());
        boolean handedOver = false;
        try {
            Optional<PreprocessedImage> prepared = prepare(message, body, room::close);
            boolean hasPixels = prepared.orElse(null) instanceof PreprocessedImage.Row;
            boolean published =
                    prepared.isPresent() && ring.publish(message, task, prepared.get(), arrivedNs);
            handedOver = published && hasPixels;
            return published;
        } finally {
            if (!handedOver) {
                room.close();
            }
        }
    }

    /** A slow image waits for a thread first. */
    @Override
    public boolean offer(Message message, int task, byte[] body) {
        return !standsOut(body) && ring.offer(message, task, body);
    }

    private boolean standsOut(byte[] body) {
        long costNs = DecodeCost.nanos(body, ImageLimits.DEFAULT, width, height);
        double mean = meanNs;
        if (costNs > 0) {
            meanNs = mean + NEWEST * (costNs - mean);
        }
        return costNs > DecodeCost.MATTERS_NS && costNs > STANDS_OUT * mean;
    }

    private Optional<PreprocessedImage> prepare(Message message, byte[] body, Runnable copied)
            throws InterruptedException {
        SlowImageThread thread = idle.take();
        try {
            return thread.prepare(message, body, copied);
        } finally {
            idle.add(thread);
        }
    }

    /** Waits for what is being prepared; the ring must take nothing any more. */
    @Override
    public void close() {
        resources.close();
    }
}
