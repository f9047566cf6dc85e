/**
 * A generator of HTTP load that takes little CPU itself: requests are built before they are sent,
 * one thread drives all connections, and of an answer only what says where it ends is read.
 */
package dev.millrace.lab.load;
