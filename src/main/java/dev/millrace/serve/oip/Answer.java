package dev.millrace.serve.oip;

import java.util.OptionalInt;

/**
 * An answer as it is sent.
 *
 * @param inferenceHeaderContentLength what the header {@value RequestReader#HEADER_LENGTH} says;
 *     empty where all of the body is JSON, which then has no such header
 * @param contentType of the body
 */
public record Answer(byte[] body, OptionalInt inferenceHeaderContentLength, String contentType) {}
