/**
 * The device seam on the CPU. Streams are threads, copies are copies, events complete in order, so
 * that what is wrong about memory reuse goes wrong here as it would on a GPU. Engines compute with
 * ONNX Runtime, or only take the time that a simulated device would.
 */
package dev.millrace.gpu.host;
