package dev.millrace.worker;

import java.io.OutputStream;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * What a worker has in its own process instead of a queue server and instead of standard output.
 *
 * @param queue the messages, which nobody else receives; the worker closes it
 * @param results one line for each, in one call; a result is delivered when it returns
 */
public record InProcess(SqsClient queue, OutputStream results) {}
