/**
 * The HTTP server for callers that wait for their answers. It takes images in beside the queue, has
 * them go the same way as its messages, and answers once each is settled.
 */
package dev.millrace.serve;
