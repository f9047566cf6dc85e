/**
 * Millrace, a worker for computer-vision inference. A message goes one way, has one owner at a
 * time, and its pixels are written once, straight into the memory that the device copies from.
 *
 * <pre>
 *             permits taken                 row i of the pinned arena belongs to ring slot i for life
 *  SQS ─► source ─► fetch ══ publish ══► ┌──────────── ring of Job ────────────┐
 *                   (virtual threads)    │ preprocess ×N ─► infer ─► deliver   │ ─► callback ─► acknowledge ─► SQS
 *                                        └──────── 1 thread, 2 lanes ──────────┘                permits returned
 * </pre>
 *
 * <p>{@code api} is what a vision module sees, {@code job} the spine that the stages share, {@code
 * gpu} the seam to the device. {@code worker} connects the stages, which do not know each other;
 * {@code cli} holds the commands, {@code lab} what shows, measures and tunes a worker. {@code
 * docs/design/architecture.md} says why.
 */
package dev.millrace;
