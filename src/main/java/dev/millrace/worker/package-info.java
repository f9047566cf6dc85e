/**
 * The worker: its wiring and its life. {@link dev.millrace.worker.WorkerParts} connects queue,
 * download, rings and callback with function references, so that the stages stay strangers to each
 * other, with one {@link dev.millrace.worker.ModelPipeline} per model; {@link
 * dev.millrace.worker.Worker} says when they start and end. The commands and the laboratory run it.
 */
package dev.millrace.worker;
