/**
 * The bench: the same worker in several configurations, each in a JVM of its own, between a queue,
 * an image host with latency and a callback sink that run in another; and the report of it as a
 * table, JSON, a page and a picture.
 */
package dev.millrace.lab.bench;
