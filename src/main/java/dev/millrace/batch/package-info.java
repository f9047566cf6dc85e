/**
 * Many images at once: what the words of a command stand for, read as a stream, and a worker that
 * works through them in this process, with a queue in memory and a file of results.
 */
package dev.millrace.batch;
