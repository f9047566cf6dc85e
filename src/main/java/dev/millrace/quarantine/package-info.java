/**
 * What is done about images that crash native code. A {@link dev.millrace.quarantine.CrashJournal}
 * keeps the names of the messages that native code works on; after a crash they are {@link
 * dev.millrace.quarantine.Suspects}, and when one is received again its image is first tried in a
 * process of its own by {@link dev.millrace.quarantine.Quarantine}. The worker wires them to the
 * stages, which know none of them.
 */
package dev.millrace.quarantine;
