package dev.millrace.lab.tune;

import dev.millrace.cli.Count;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Why a setting is recommended, in a few sentences. */
final class Reasons {
    /** More settings than this that are as good are not listed. */
    private static final int LISTED = 4;

    /** Above this, differences of a few percent were not to be seen. */
    private static final double NOISY = 0.05;

    private final Choice choice;
    private final Goal goal;
    private final int settings;

    /**
     * @param settings in the grid
     */
    Reasons(Choice choice, Goal goal, int settings) {
        this.choice = choice;
        this.goal = goal;
        this.settings = settings;
    }

    List<String> sentences() {
        List<String> sentences = new ArrayList<>();
        sentences.add(recommendation());
        sentences.add(limit());
        sentences.add(tried());
        if (choice.kept()) {
            alike().ifPresent(sentences::add);
            sentences.add(bestOther());
        }
        sentences.add(noise());
        return sentences;
    }

    private String recommendation() {
        Measurement result = choice.result();
        String bound = "the bound of " + goal.bound().toMillis() + " ms";
        return String.format(
                Locale.ROOT,
                "%s: %s: %.1f images/s; at %.0f %% of that p%s is %.0f ms without the download, %s.",
                choice.kept() ? "Chosen" : "Nothing that was tried keeps " + bound + "; nearest",
                choice.chosen().words(),
                result.imagesPerSecond(),
                100 * goal.load(),
                goal.percentile(),
                result.latencyMs(),
                choice.kept() ? "within " + bound : "above it");
    }

    private String limit() {
        Measurement result = choice.result();
        return String.format(
                Locale.ROOT,
                "This setting is %s; an image takes %.1f CPU-ms, %.1f of them for decoding and"
                        + " resizing, and"
                        + " the device alone could take %.0f images/s in batches of %d.",
                result.limitedBy(),
                result.cpuMs(),
                result.decodeMs(),
                choice.prior().deviceLimit(choice.chosen()),
                choice.chosen().batch());
    }

    private String tried() {
        long different = choice.measured().stream().map(Measurement::setting).distinct().count();
        return String.format(
                Locale.ROOT,
                "%d of %d settings were tried, in %s; a queueing model chose them from the figures"
                        + " of the first run and of the device.",
                different,
                settings,
                Count.of(choice.measured().size(), "run"));
    }

    private Optional<String> alike() {
        if (choice.alike().isEmpty()) {
            return Optional.empty();
        }
        List<String> keys = choice.alike().stream().limit(LISTED).map(Setting::key).toList();
        int more = choice.alike().size() - keys.size();
        return Optional.of(
                String.format(
                        Locale.ROOT,
                        "Settings within %.0f %% of the best that are not cheaper: %s%s.",
                        100 * choice.tolerance(),
                        String.join(", ", keys),
                        more > 0 ? " and " + more + " more" : ""));
    }

    /** The chosen setting may be the slower one, where it is cheaper and no slower than noise. */
    private String bestOther() {
        double rate = choice.result().imagesPerSecond();
        return choice.bestOther(goal)
                .map(
                        other ->
                                String.format(
                                        Locale.ROOT,
                                        "The fastest other setting that keeps the bound: %s with"
                                                + " %.1f images/s (%+.1f %%) and %.0f ms.",
                                        other.setting().key(),
                                        other.imagesPerSecond(),
                                        100 * (other.imagesPerSecond() / rate - 1),
                                        other.latencyMs()))
                .orElse("No other setting that was tried keeps the bound.");
    }

    private String noise() {
        if (Double.isNaN(choice.noise())) {
            return "No run was repeated, so differences of a few percent may be noise.";
        }
        String differ =
                String.format(
                        Locale.ROOT, "Repeated runs differ by ± %.1f %%", 100 * choice.noise());
        return choice.noise() > NOISY
                ? differ
                        + ", so smaller differences could not be seen; try again on an idle"
                        + " machine."
                : differ + ".";
    }
}
