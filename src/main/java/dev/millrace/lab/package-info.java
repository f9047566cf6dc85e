/**
 * The laboratory: what shows, measures and tunes a worker, with the libraries that only this needs.
 * The worker is shipped without it and imports none of it.
 */
package dev.millrace.lab;
