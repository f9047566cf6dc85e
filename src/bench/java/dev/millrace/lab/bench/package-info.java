/** What the whole worker costs beside its floor, and what grows in it; started by hand. */
package dev.millrace.lab.bench;
