/**
 * The spine: what travels through the worker and the rules of its journey. A {@link
 * dev.millrace.job.Message} comes from {@code source} and settles once; each of its tasks is a
 * {@link dev.millrace.job.Job} in the {@link dev.millrace.job.JobRing} of a model, whose rows are
 * the memory that the device copies from; {@link dev.millrace.job.Admission} bounds them all. Every
 * stage imports this package and no stage imports another.
 */
package dev.millrace.job;
