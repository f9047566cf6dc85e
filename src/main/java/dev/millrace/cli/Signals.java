package dev.millrace.cli;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * The signals that ask for an end, each as often as it comes. A shutdown hook sees only the first;
 * the JDK has nothing else but {@code sun.misc.Signal}, which it supports for this (JEP 260).
 * Called by reflection, since the compiler's warning of it cannot be suppressed and warnings are
 * errors here.
 *
 * <p>One stop may be heard more than once: systemd and a terminal signal every process of a
 * service, and a supervisor that hears it tells its worker. So the supervisor uses {@link
 * #PASSED_ON}, which nobody else does, each signal is counted for itself, and one that comes again
 * at once, as some init processes send it, is the same.
 */
final class Signals {
    /** What a supervisor sends its worker for each stop that it hears. */
    public static final String PASSED_ON = "USR1";

    private static final List<String> ENDING = List.of("TERM", "INT", PASSED_ON);

    /** In which a signal that comes again belongs to the same stop. */
    private static final long SAME_STOP_NS = Duration.ofMillis(300).toNanos();

    // Guarded by this.
    private final Map<String, Integer> counts = new HashMap<>();
    private final Map<String, Long> heardNs = new HashMap<>();
    private int asked;
    private final IntConsumer listener;

    Signals(IntConsumer listener) {
        this.listener = listener;
    }

    /**
     * From now on these signals end the process only by what the listener does.
     *
     * @param listener is called on a thread of its own each time that an end is asked for once
     *     more, with how often, this time included. One Ctrl-C at a terminal is a SIGINT for a
     *     worker and a {@link #PASSED_ON} from its supervisor, and asks once.
     */
    public static void listen(IntConsumer listener) {
        Signals signals = new Signals(listener);
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            for (String name : ENDING) {
                Object handle =
                        Proxy.newProxyInstance(
                                handler.getClassLoader(),
                                new Class<?>[] {handler},
                                (_, _, _) -> {
                                    signals.heard(name, System.nanoTime());
                                    return null;
                                });
                Object sent = signal.getConstructor(String.class).newInstance(name);
                signal.getMethod("handle", signal, handler).invoke(null, sent, handle);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "signals cannot be handled; run a JDK with the module jdk.unsupported, without"
                            + " -Xrs",
                    e);
        }
    }

    void heard(String name, long nowNs) {
        int count;
        synchronized (this) {
            Long beforeNs = heardNs.get(name);
            if (beforeNs != null && nowNs - beforeNs < SAME_STOP_NS) {
                return;
            }
            heardNs.put(name, nowNs);
            count = counts.merge(name, 1, Integer::sum);
            if (count <= asked) {
                return;
            }
            asked = count;
        }
        listener.accept(count);
    }
}
