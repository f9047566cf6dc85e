package dev.millrace.faults;

import java.util.List;

/**
 * Something that strangers send.
 *
 * @param mends without which it does harm; empty where the worker held it off before
 */
record Stranger(String what, Attack attack, List<Mend> mends) {
    /** Does harm, or tries to; what it holds open is closed after the worker was looked at. */
    @FunctionalInterface
    interface Attack {
        void on(StrangerScene scene) throws Exception;
    }

    /**
     * A place of the worker's source.
     *
     * @param file below {@code dev/millrace}
     * @param before what stands there without the mend
     */
    record Mend(String file, String now, String before) {}

    static Stranger of(String what, Attack attack, Mend... mends) {
        return new Stranger(what, attack, List.of(mends));
    }
}
