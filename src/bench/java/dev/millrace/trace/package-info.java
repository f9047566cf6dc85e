/** What it costs to take part in traces. */
package dev.millrace.trace;
