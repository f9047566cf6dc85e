package dev.millrace.gpu.cuda;

import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Progress of a build, coarsely, from what TensorRT logs: its own progress monitor cannot be
 * implemented through the presets. It only ever goes forward.
 */
final class BuildPhases implements Consumer<String> {
    /** Words of a message, the phase that they begin, and how much is done then. */
    private record Sign(String words, String phase, double done) {}

    private static final List<Sign> SIGNS =
            List.of(
                    new Sign("graph optimization", "simplify the graph", 0.15),
                    new Sign("timing cache", "choose kernels", 0.2),
                    new Sign("input and", "choose kernels", 0.3),
                    new Sign("total host persistent memory", "lay out memory", 0.85),
                    new Sign("engine generation completed", "finish", 0.9));

    private final BiConsumer<String, Double> progress;
    private double done;

    BuildPhases(BiConsumer<String, Double> progress) {
        this.progress = progress;
    }

    /** A message of TensorRT, from any of its threads. */
    @Override
    public void accept(String message) {
        String words = message.toLowerCase(Locale.ROOT);
        for (Sign sign : SIGNS) {
            if (words.contains(sign.words())) {
                reached(sign.phase(), sign.done());
            }
        }
    }

    synchronized void reached(String phase, double share) {
        if (share > done) {
            done = share;
            progress.accept(phase, share);
        }
    }
}
