/**
 * The commands around plans: build, inspect, verify, sweep, and a generator of random models. They
 * read options and print; the work is done by {@code bundle} and {@code worker}.
 */
package dev.millrace.cli.engine;
