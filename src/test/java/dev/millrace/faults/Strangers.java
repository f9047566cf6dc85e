package dev.millrace.faults;

import java.util.List;
import java.util.stream.Stream;

/** All that strangers send, by whom it comes from. */
final class Strangers {
    private Strangers() {}

    static List<Stranger> all() {
        return Stream.of(
                        StrangeBodies.all(),
                        StrangeHosts.all(),
                        StrangeCallbacks.all(),
                        StrangeClients.all())
                .flatMap(List::stream)
                .toList();
    }
}
