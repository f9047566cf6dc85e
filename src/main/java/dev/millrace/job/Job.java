package dev.millrace.job;

import dev.millrace.api.ImageInfo;
import dev.millrace.api.InputTensor;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.Placement;
import java.util.Optional;

/**
 * One task of one message in a slot of the ring. There is one object per slot for the life of the
 * worker, and its row of the input and output arenas goes with it. Each field has one writing
 * stage; the stage sequences make it visible, so none is volatile.
 */
public final class Job {
    private final InputTensor input;
    private final OutputTensors outputs;

    // fetch
    private Message message;
    private int task;
    private byte[] body;
    private PreprocessedImage prepared;
    private long fetchedNs;
    // preprocess
    private ImageInfo image;
    private Placement placement;
    private long decodeStartNs;
    private long decodedNs;
    // infer
    private long submittedNs;
    private long finishedNs;
    // preprocess, then infer; the first counts
    private Failure failure;

    Job(InputTensor input, OutputTensors outputs) {
        this.input = input;
        this.outputs = outputs;
    }

    /** This slot's row of the arena that the device copies from. */
    public InputTensor input() {
        return input;
    }

    /** This slot's rows of the arenas that the device copies to. */
    public OutputTensors outputs() {
        return outputs;
    }

    void assign(Message message, int task, byte[] body, PreprocessedImage prepared, long nowNs) {
        if (body != null) {
            message.usage().share();
        }
        this.message = message;
        this.task = task;
        this.body = body;
        this.prepared = prepared;
        this.fetchedNs = nowNs;
        this.image = null;
        this.placement = null;
        this.failure = null;
        this.decodeStartNs = nowNs;
        this.decodedNs = nowNs;
        this.submittedNs = nowNs;
        this.finishedNs = nowNs;
    }

    /** Lets go of what belongs to the message, so that an idle slot holds no memory. */
    public void clear() {
        dropImage();
        message = null;
    }

    public Message message() {
        return message;
    }

    /** The position of the task in the request. */
    public int task() {
        return task;
    }

    public byte[] body() {
        return body;
    }

    /** What the row is to hold, where it was made ready before; null where there is a body. */
    public PreprocessedImage prepared() {
        return prepared;
    }

    /** When the download was complete. The age of a batch counts from its oldest job's. */
    public long fetchedNs() {
        return fetchedNs;
    }

    public void decoding(long nowNs) {
        decodeStartNs = nowNs;
    }

    public void decoded(ImageInfo info, Placement where) {
        image = info;
        placement = where;
    }

    /** Preprocessing has ended, well or not: the encoded bytes are no longer needed. */
    public void decodingEnded(long nowNs) {
        decodedNs = nowNs;
        dropImage();
    }

    private void dropImage() {
        if (body != null) {
            body = null;
            message.usage().read();
        }
        prepared = null;
    }

    /** The stage may have read its clock just before the job was decoded. */
    public void submitted(long nowNs) {
        submittedNs = nowNs - decodedNs > 0 ? nowNs : decodedNs;
    }

    public void finished(long nowNs) {
        finishedNs = nowNs;
    }

    /** Marks the row as dead: it rides along, and nobody reads its outputs. */
    public void fail(Failure why) {
        if (failure == null) {
            failure = why;
        }
    }

    public Optional<Failure> failure() {
        return Optional.ofNullable(failure);
    }

    public ImageInfo image() {
        return image;
    }

    public Placement placement() {
        return placement;
    }

    /** How long it waited in the ring before it was decoded. */
    public long slotNs() {
        return decodeStartNs - fetchedNs;
    }

    /** How long its row waited for a batch. */
    public long waitNs() {
        return submittedNs - decodedNs;
    }

    /** The times of this job, given those of postprocessing. */
    public TaskResult.Times times(long startNs, long endNs) {
        return new TaskResult.Times(
                fetchedNs,
                slotNs(),
                decodedNs - decodeStartNs,
                waitNs(),
                finishedNs - submittedNs,
                endNs - startNs,
                endNs);
    }
}
