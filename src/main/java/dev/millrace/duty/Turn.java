package dev.millrace.duty;

/** What one turn of a duty came to. */
public enum Turn {
    /** Something was done. */
    WORKED,
    /** There was nothing to do; a duty that does not wait by itself rests after it. */
    IDLE,
    /** Nothing is left to do: the thread ends. */
    DONE,
    /** Work that was begun is not finished, and nothing else was done: this is no progress. */
    UNFINISHED
}
