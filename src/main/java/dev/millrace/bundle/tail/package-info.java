/**
 * The nodes that are put behind a user's ONNX graph, so that the device computes what a module
 * would have to: boxes of any layout become corners in pixels, logits become scores, and only the
 * best candidates leave the graph.
 */
package dev.millrace.bundle.tail;
