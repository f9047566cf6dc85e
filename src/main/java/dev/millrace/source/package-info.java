/**
 * The queue's side of the worker. Messages come in from Amazon SQS, or a server that speaks like
 * it, and go out as {@link dev.millrace.job.Message} to a consumer; outcomes come back through
 * {@link dev.millrace.source.Acknowledger}, the only one that tells the queue how a message ended,
 * while {@link dev.millrace.source.VisibilityKeeper} holds the leases until then. The worker wires
 * them; the CLI uses the settings, the client and the probe.
 */
package dev.millrace.source;
