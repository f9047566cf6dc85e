package dev.millrace.job;

import java.util.Locale;

/** The stages of the path, in order. */
public enum Stage {
    RECEIVE,
    FETCH,
    PREPROCESS,
    INFER,
    POSTPROCESS,
    CALLBACK,
    ACKNOWLEDGE;

    /** The name in results, metrics and logs. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
