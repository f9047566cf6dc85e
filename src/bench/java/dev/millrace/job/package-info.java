/** The ring, measured against other ways to hand over. */
package dev.millrace.job;
