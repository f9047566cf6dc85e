/**
 * {@code millrace supervise}: a small process that starts a worker, starts it again when it
 * crashes, and passes on what the operator wants of it.
 */
package dev.millrace.cli.supervise;
