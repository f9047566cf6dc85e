/**
 * What preprocessing costs, in ratios of one run. Needs {@code -Pbench}; {@code
 * docs/performance.md} has the commands and the results.
 */
package dev.millrace.preprocess;
