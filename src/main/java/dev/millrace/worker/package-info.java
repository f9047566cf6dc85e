/**
 * The worker itself: configuration, wiring, lifecycle, metrics. The only package that knows all the
 * others. It builds one {@link dev.millrace.worker.ModelPipeline} per model and connects queue,
 * download, rings and callback with function references, so that the stages stay strangers to each
 * other.
 */
package dev.millrace.worker;
