/**
 * Experiments with engines, without a worker: batch sizes, the overlap of copying and computing,
 * memory after reloads, and a generator of models with random weights.
 */
package dev.millrace.lab.engine;
