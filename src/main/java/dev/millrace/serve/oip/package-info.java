/**
 * The Open Inference Protocol (version 2, REST) with Triton's binary extension: bytes of a request
 * become an {@link dev.millrace.serve.oip.InferenceRequest}, and verdicts become the bytes of an
 * answer. Nothing here knows sockets, jobs or models; whatever calls it is the thread that runs it.
 */
package dev.millrace.serve.oip;
