/** The infer stage, measured piece by piece. */
package dev.millrace.infer;
