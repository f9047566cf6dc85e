package dev.millrace.cli;

/** Numbers of things in words: {@code 1 message}, {@code 2 messages}. */
public final class Count {
    private Count() {}

    /**
     * @param thing whose plural ends in an s
     */
    public static String of(long number, String thing) {
        return number + " " + thing + (number == 1 ? "" : "s");
    }
}
