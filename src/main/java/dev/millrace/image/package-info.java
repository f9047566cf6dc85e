/**
 * What is checked of a body before native code sees it: {@link dev.millrace.image.ImageGate} reads
 * its structure in plain Java and says its size and what decoding will take, {@link
 * dev.millrace.image.Sanitizer} leaves one still picture of it and nothing else. Called by {@code
 * preprocess}.
 */
package dev.millrace.image;
