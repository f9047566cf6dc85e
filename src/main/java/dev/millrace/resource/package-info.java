/**
 * Who closes what: one type that owns what an object has opened, for every package that opens more
 * than one thing. A leaf; it imports nothing of ours.
 */
package dev.millrace.resource;
