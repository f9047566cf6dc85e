package dev.millrace.observe.live;

/**
 * What serves a task.
 *
 * @param version of the model's folder
 * @param engine what the device has loaded of it
 * @param maxBatch images per batch at most
 */
public record ModelFacts(String task, String model, String version, String engine, int maxBatch) {}
