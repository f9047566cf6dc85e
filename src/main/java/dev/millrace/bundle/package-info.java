/**
 * Model bundles: a folder with {@code model.onnx} and {@code model.yaml}. This package holds what
 * {@code model.yaml} declares, and the {@link dev.millrace.bundle.Bundle} that {@code bundle.graph}
 * makes of a folder, whose graph takes {@code uint8 [N, H, W, 3]} and which a device can load. A
 * mistake in a bundle is one line that says what to do.
 */
package dev.millrace.bundle;
