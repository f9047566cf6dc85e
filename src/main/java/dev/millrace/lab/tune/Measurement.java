package dev.millrace.lab.tune;

/**
 * One run of the worker with one setting.
 *
 * @param imagesPerSecond with a queue that is never empty
 * @param latencyMs the percentile of the goal at a share of that rate, without the download
 * @param decodeMs CPU time of the preprocess threads per image
 * @param cpuMs of the worker's process per image, all threads
 * @param helpersMs CPU time of queue, image host and sink per image, which are on this machine
 * @param deviceBusy share of the time with a batch in flight
 * @param limitedBy the worker's own sentence
 */
record Measurement(
        Setting setting,
        double imagesPerSecond,
        double latencyMs,
        double decodeMs,
        double cpuMs,
        double helpersMs,
        double deviceBusy,
        double meanBatch,
        String limitedBy) {
    /** The same with another latency. */
    Measurement withLatencyMs(double other) {
        return new Measurement(
                setting,
                imagesPerSecond,
                other,
                decodeMs,
                cpuMs,
                helpersMs,
                deviceBusy,
                meanBatch,
                limitedBy);
    }
}
