/** Measurements of whole workers, beside {@code bench} and {@code tune}. */
package dev.millrace.cli;
