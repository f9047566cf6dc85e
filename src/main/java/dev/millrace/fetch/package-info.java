/**
 * Downloads. A {@link dev.millrace.job.Message} comes from {@code source}; {@link
 * dev.millrace.fetch.Fetcher} carries it through its download on a virtual thread and publishes one
 * job per task into the rings. A message whose download failed goes back to the queue, or to the
 * callback with the reason.
 */
package dev.millrace.fetch;
