/**
 * The process in which suspect images are tried: the command that starts it, and its main class,
 * which checks, decodes and prepares an image as the worker does and may crash.
 */
package dev.millrace.quarantine.trial;
