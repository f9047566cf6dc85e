/**
 * The worker's commands: {@code worker}, {@code supervise}, {@code submit}, {@code dead-letters},
 * {@code doctor} and {@code engine build}, {@code inspect} and {@code verify}. Each reads its
 * options, runs the worker or a tool, and says how it ended; {@link dev.millrace.cli.Millrace} is
 * the entry point.
 */
package dev.millrace.cli;
