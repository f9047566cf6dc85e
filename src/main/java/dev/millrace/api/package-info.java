/**
 * What a vision module sees. A module turns one decoded {@link dev.millrace.api.Image} into one row
 * of the model's input ({@code preprocess}) and one row of its outputs into a {@link
 * dev.millrace.api.Verdict} ({@code postprocess}). Queues, batches, devices and threads stay
 * outside: nothing in here imports the rest of Millrace.
 */
package dev.millrace.api;
