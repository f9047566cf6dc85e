package dev.millrace.bundle;

import java.util.List;
import java.util.Locale;

/** What one column of a detector's rows holds, in the words of {@code columns}. */
public enum Column {
    X1,
    Y1,
    X2,
    Y2,
    CX,
    CY,
    W,
    H,
    /** That there is anything at all; multiplies the scores. */
    OBJECTNESS,
    /** One column for each class. */
    SCORES,
    /** That of the one class that {@link #CLASS} names. */
    SCORE,
    CLASS,
    /** Not read. */
    SKIP;

    /** The pairs of words from which both edges of a box follow, along each axis. */
    public static final List<List<Column>> ACROSS =
            List.of(List.of(X1, X2), List.of(CX, W), List.of(X1, W));

    public static final List<List<Column>> DOWN =
            List.of(List.of(Y1, Y2), List.of(CY, H), List.of(Y1, H));

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean isCoordinate() {
        return ordinal() <= H.ordinal();
    }
}
