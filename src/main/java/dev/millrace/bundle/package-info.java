/**
 * Model bundles: a folder with {@code model.onnx} and {@code model.yaml} goes in, a {@link
 * dev.millrace.bundle.Bundle} comes out whose graph takes {@code uint8 [N, H, W, 3]} and which a
 * device can load. Preprocessing is grafted in front of the user's graph and, for detectors, the
 * choice of the best candidates behind it. The worker and the command line call this at start; a
 * mistake in a bundle is one line that says what to do.
 */
package dev.millrace.bundle;
