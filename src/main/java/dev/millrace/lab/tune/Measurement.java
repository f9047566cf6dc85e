package dev.millrace.lab.tune;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

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

    ObjectNode json() {
        return JsonMapper.builder()
                .build()
                .createObjectNode()
                .put("setting", setting.key())
                .put("images_per_s", imagesPerSecond)
                .put("latency_ms", latencyMs)
                .put("decode_cpu_ms", decodeMs)
                .put("worker_cpu_ms", cpuMs)
                .put("helpers_cpu_ms", helpersMs)
                .put("device_busy", deviceBusy)
                .put("mean_batch", meanBatch)
                .put("limited_by", limitedBy);
    }
}
