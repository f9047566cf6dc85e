/**
 * The long-lived threads of a worker: one loop, and one rule for how it ends. A stage is a {@link
 * dev.millrace.duty.Duty}; {@link dev.millrace.duty.Duties} gives it a thread and tells the worker
 * when one ends that should not, or when one stands still.
 */
package dev.millrace.duty;
