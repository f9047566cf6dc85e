/**
 * Dead letters and why they are dead. In a worker {@link dev.millrace.deadletters.GivenBackLog}
 * writes down what was said of each message that went back to the queue; the command {@code
 * dead-letters} reads that, holds the messages of the dead letter queue while it looks at them, and
 * sends them back or drops them.
 */
package dev.millrace.deadletters;
