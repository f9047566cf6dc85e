/**
 * Compares a model's engine with its ONNX graph on photos: {@code engine verify} for operators, and
 * the lane that runs a bundle without a worker around it.
 */
package dev.millrace.verify;
