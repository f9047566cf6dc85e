package dev.millrace.bundle.plan;

/** What to do where no plan fits. */
public enum OnMissing {
    /** Build one, which takes minutes, and keep it. */
    BUILD,
    /** Say which is needed, and stop. */
    FAIL
}
