/**
 * {@code engine import}: a bundle made of an ONNX file and of what exporters and model hubs say of
 * it. Each reader adds what it knows to the facts, with its source; whoever knows best is asked
 * first.
 */
package dev.millrace.lab.imports;
