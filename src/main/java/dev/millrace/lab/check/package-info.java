/**
 * The check of a GPU host: ten steps of commands, each with a limit, and the report that is
 * committed of them.
 */
package dev.millrace.lab.check;
