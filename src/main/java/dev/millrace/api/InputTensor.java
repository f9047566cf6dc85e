package dev.millrace.api;

import java.lang.foreign.MemorySegment;

/**
 * One row of the model's input: {@code uint8 [height, width, 3]} in page-locked memory, from which
 * the device copies.
 *
 * @param row which row of the arena this is; the same for the life of the worker
 * @param pixels {@code 3 * width * height} bytes, without gaps between the rows of pixels
 */
public record InputTensor(int row, int width, int height, MemorySegment pixels) {}
