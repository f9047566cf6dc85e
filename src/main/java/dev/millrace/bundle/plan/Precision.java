package dev.millrace.bundle.plan;

import java.util.Locale;

/** What a plan computes in. Inputs and outputs are the same in both. */
public enum Precision {
    /** Half precision, with what would lose too much kept in single precision. */
    FP16,
    /** Single precision throughout. */
    FP32;

    /** As options and files write it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
