/** What grafting is worth, measured. */
package dev.millrace.bundle;
