/**
 * From the model's outputs to the callback. One thread per model lets the module read each job's
 * rows, frees the slot and hands the message on when its last task has ended; a virtual thread per
 * message posts the result and settles it.
 */
package dev.millrace.deliver;
