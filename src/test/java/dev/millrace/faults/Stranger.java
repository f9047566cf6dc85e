package dev.millrace.faults;

import dev.millrace.faults.Undefended.Change;
import java.util.List;

/**
 * Something that strangers send.
 *
 * @param mends taken back, without which it does harm; empty where the worker held it off before
 */
record Stranger(String what, Attack attack, List<Change> mends) {
    /** Does harm, or tries to; what it holds open is closed after the worker was looked at. */
    @FunctionalInterface
    interface Attack {
        void on(StrangerScene scene) throws Exception;
    }

    static Stranger of(String what, Attack attack, Change... mends) {
        return new Stranger(what, attack, List.of(mends));
    }
}
