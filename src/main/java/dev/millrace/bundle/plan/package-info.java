/**
 * TensorRT plans: which weights may be FP16, where plans are kept, the sidecar that says what each
 * is for, and the check of it before a plan is loaded. The worker and {@code engine build} call it.
 */
package dev.millrace.bundle.plan;
