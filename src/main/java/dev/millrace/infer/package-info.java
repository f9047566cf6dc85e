/**
 * Batches. One thread per model follows the preprocess threads, cuts batches from the backlog,
 * gives them to two lanes and moves its sequence when the device has finished with them. Rows come
 * in from {@code job}, work goes out to {@code gpu}; {@code deliver} follows the sequence.
 */
package dev.millrace.infer;
