/**
 * The seam to the device: memory, streams, events and engines with the semantics of CUDA. A stream
 * is first in, first out; a copy reads its source when it is executed, not when it is enqueued; an
 * event completes after all work that its stream was given before. {@code infer} drives it, {@code
 * job} takes its page-locked memory from it; {@code gpu.host} computes on the CPU, {@code gpu.cuda}
 * on an NVIDIA GPU.
 */
package dev.millrace.gpu;
