package dev.millrace.cli;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * SIGTERM and SIGINT, each as often as it comes. A shutdown hook sees only the first; the JDK has
 * nothing else but {@code sun.misc.Signal}, which it supports for this (JEP 260). Called by
 * reflection, since the compiler's warning of it cannot be suppressed and warnings are errors here.
 */
public final class Signals {
    private static final List<String> ENDING = List.of("TERM", "INT");

    private Signals() {}

    /** Called on a thread of its own for each signal. */
    @FunctionalInterface
    public interface Listener {
        /**
         * @param count how often this signal has come, this time included. One Ctrl-C at a terminal
         *     is a SIGINT for a worker and a SIGTERM from its supervisor, and asks once.
         */
        void received(int count);
    }

    /** From now on these signals end the process only by what the listener does. */
    public static void listen(Listener listener) {
        Map<String, Integer> counts = new ConcurrentHashMap<>();
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            for (String name : ENDING) {
                Object handle =
                        Proxy.newProxyInstance(
                                handler.getClassLoader(),
                                new Class<?>[] {handler},
                                (_, _, _) -> {
                                    listener.received(counts.merge(name, 1, Integer::sum));
                                    return null;
                                });
                signal.getMethod("handle", signal, handler)
                        .invoke(
                                null,
                                signal.getConstructor(String.class).newInstance(name),
                                handle);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "signals cannot be handled; run a JDK with the module jdk.unsupported, without"
                            + " -Xrs",
                    e);
        }
    }
}
