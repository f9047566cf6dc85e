/**
 * The ready modules: {@link dev.millrace.modules.Classifier}, {@link dev.millrace.modules.Detector}
 * and {@link dev.millrace.modules.TextDetector}. One row of a model's outputs comes in, a verdict
 * in pixels of the upright image goes out; the deliver stage calls them, on one thread per model.
 */
package dev.millrace.modules;
