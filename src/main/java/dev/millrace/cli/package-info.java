/**
 * The commands of {@code scripts/millrace}. Each reads its options, runs the worker or a tool, and
 * says how it ended.
 */
package dev.millrace.cli;
