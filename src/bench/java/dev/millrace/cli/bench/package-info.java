/** Benchmarks of the whole worker. */
package dev.millrace.cli.bench;
