package dev.millrace.deliver;

import java.io.IOException;

/** Standard output takes no results any more, so that nobody can be told of any. */
public final class OutputClosedException extends IOException {
    private static final long serialVersionUID = 1L;

    OutputClosedException(String why) {
        super(
                "standard output takes no results any more (%s); keep its reader running, or write to a file"
                        .formatted(why));
    }
}
