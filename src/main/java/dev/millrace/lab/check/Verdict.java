package dev.millrace.lab.check;

/**
 * What came of a command of the check.
 *
 * @param says one line
 */
record Verdict(Result result, String says) {
    /** Whether a row of the report is well. */
    enum Result {
        OK,
        FAILED,
        /** What it needs did not come about. */
        SKIPPED,
        /** It is about something that this host need not have. */
        ABSENT;

        String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    static Verdict ok(String says) {
        return new Verdict(Result.OK, says);
    }

    static Verdict failed(String says) {
        return new Verdict(Result.FAILED, says);
    }

    static Verdict absent(String says) {
        return new Verdict(Result.ABSENT, says);
    }

    static Verdict skipped(String says) {
        return new Verdict(Result.SKIPPED, says);
    }

    /** Well where it holds. */
    static Verdict of(boolean holds, String says) {
        return new Verdict(holds ? Result.OK : Result.FAILED, says);
    }
}
