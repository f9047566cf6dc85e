/**
 * The demo: a worker with everything around it that a cloud would bring, in one process on this
 * machine: a queue server, an image host that serves the shipped photos, and a sink for callbacks
 * that keeps a ledger.
 */
package dev.millrace.lab.demo;
