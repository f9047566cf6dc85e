/**
 * Who closes what, and until when somebody waits: one type that owns what an object has opened, for
 * every package that opens more than one thing, and one for the end of a bounded wait. A leaf; it
 * imports nothing of ours.
 */
package dev.millrace.resource;
