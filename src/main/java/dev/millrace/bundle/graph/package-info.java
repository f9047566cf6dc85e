/**
 * Makes a bundle of a folder: the user's ONNX graph is read and checked against {@code model.yaml},
 * gets preprocessing in front and a tail behind ({@code bundle.tail}), and is run on two images.
 * The worker and the command line call {@link dev.millrace.bundle.graph.Bundles} at start; nothing
 * else here is for others.
 */
package dev.millrace.bundle.graph;
