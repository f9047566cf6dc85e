/**
 * Looks for the settings with which this machine runs these models fastest within a latency bound:
 * a queueing model says what to expect, a regression corrects it by what short runs of the worker
 * measured, and only promising settings are run. The runs are those of the bench: the worker in a
 * process of its own, queue, image host and sink in another.
 */
package dev.millrace.lab.tune;
