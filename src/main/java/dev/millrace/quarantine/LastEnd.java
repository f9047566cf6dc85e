package dev.millrace.quarantine;

/** How the process before this one ended, as far as anybody knows. */
public enum LastEnd {
    /** It had given back what it had, or had never polled. */
    WELL,

    /** By SIGKILL: somebody's, or the kernel's where memory is short. */
    KILLED,

    /** In any other way, or nobody saw how. */
    CRASHED
}
