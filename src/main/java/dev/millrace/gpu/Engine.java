package dev.millrace.gpu;

import java.util.List;

/** A loaded model. Its contexts are closed before it. */
public interface Engine extends AutoCloseable {
    /** What it was loaded from. */
    EngineSource source();

    default List<TensorSpec> inputs() {
        return source().inputs();
    }

    default List<TensorSpec> outputs() {
        return source().outputs();
    }

    default int maxBatch() {
        return source().maxBatch();
    }

    /** Whether a batch takes less than its rows alone, so that it pays to wait for more of them. */
    default boolean gainsByBatches() {
        return true;
    }

    /** A context for one lane: what of the model's state belongs to one batch in flight. */
    Context createContext();

    @Override
    void close();

    /** Runs batches of one lane, one after another. */
    interface Context extends AutoCloseable {
        /**
         * Says where a tensor lies on the device: {@code maxBatch * rowBytes} bytes. Called once
         * per tensor, before the first enqueue.
         */
        void bind(String tensor, Memory memory);

        /**
         * Puts the computation of {@code batch} rows into {@code stream}. Throws {@link
         * DeviceException} when the work was refused; the outputs then hold what they held before.
         */
        void enqueue(int batch, Stream stream);

        @Override
        void close();
    }
}
