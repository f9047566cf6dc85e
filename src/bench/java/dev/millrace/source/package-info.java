/** The queue's side of the worker, each component alone before a queue that is far away. */
package dev.millrace.source;
