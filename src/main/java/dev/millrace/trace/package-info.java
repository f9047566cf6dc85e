/**
 * Traces of messages, as OpenTelemetry has them. Stages know {@link dev.millrace.job.Trace} alone
 * and record nothing: {@link dev.millrace.trace.Traces} decides at the receipt of a message whether
 * its trace is recorded, and once the message has ended its spans are written, of the times that
 * results have too. Nobody else knows OpenTelemetry, and nothing of it is loaded where no endpoint
 * is configured.
 */
package dev.millrace.trace;
