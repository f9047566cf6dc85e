/**
 * Who closes what, until when somebody waits, and when what failed is tried again: {@link
 * dev.millrace.resource.Resources} owns what an object has opened, {@link
 * dev.millrace.resource.Deadline} is the end of a bounded wait, {@link
 * dev.millrace.resource.RetryDelay} the pause before the next try, {@link
 * dev.millrace.resource.JvmCommand} starts a JVM beside this one. A leaf; it imports nothing of
 * ours.
 */
package dev.millrace.resource;
