/**
 * From untrusted bytes to one row of a model's input. {@link dev.millrace.image.ImageGate} reads a
 * body's structure in plain Java and refuses what no native decoder should see; {@link
 * dev.millrace.image.Sanitizer} then hands the decoder one still picture and nothing else of the
 * file. The threads of the preprocess stage call both, with bytes that {@code fetch} downloaded.
 */
package dev.millrace.preprocess;
