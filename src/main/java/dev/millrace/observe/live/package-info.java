/**
 * The page at {@code /} of the status port and what it shows, {@code /status.json}: the path of a
 * message with the figures of the last seconds on it, what is wrong, the last error of each kind,
 * the models and the device. Everything is read when somebody asks, once a second for all who do;
 * nothing is done per message. The worker says what there is ({@link
 * dev.millrace.observe.live.LiveParts}).
 */
package dev.millrace.observe.live;
