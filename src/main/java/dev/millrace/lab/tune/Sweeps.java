package dev.millrace.lab.tune;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Runs that do not search: every setting, or some in turns. They show what the search is worth. */
final class Sweeps {
    private Sweeps() {}

    /** All settings in an order that what else the machine does cannot favour. */
    static List<Setting> shuffled(Grid grid, long seed) {
        List<Setting> settings = new ArrayList<>(grid.settings());
        Collections.shuffle(settings, new Random(seed));
        return settings;
    }

    static List<Setting> inTurns(List<Setting> settings, int rounds) {
        return Collections.nCopies(rounds, settings).stream().flatMap(List::stream).toList();
    }

    static List<Measurement> run(List<Setting> order, Search.Meter meter) throws IOException {
        List<Measurement> measured = new ArrayList<>();
        for (Setting setting : order) {
            measured.add(meter.measure(setting));
        }
        return measured;
    }

    /** A line for each setting: how fast the reference is, compared round by round. */
    static List<String> ratios(List<Measurement> measured, Setting reference) {
        List<String> lines = new ArrayList<>();
        for (Setting other : measured.stream().map(Measurement::setting).distinct().toList()) {
            if (!other.equals(reference)) {
                lines.add(
                        ratio(
                                rates(measured, reference),
                                rates(measured, other),
                                reference,
                                other));
            }
        }
        return lines;
    }

    private static List<Double> rates(List<Measurement> measured, Setting setting) {
        return measured.stream()
                .filter(run -> run.setting().equals(setting))
                .map(Measurement::imagesPerSecond)
                .toList();
    }

    private static String ratio(
            List<Double> first, List<Double> second, Setting reference, Setting other) {
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < first.size(); round++) {
            ratios.add(first.get(round) / second.get(round));
        }
        Collections.sort(ratios);
        return String.format(
                Locale.ROOT,
                "%s is %.3f times as fast as %s (%.3f to %.3f in %d rounds)",
                reference.key(),
                ratios.get(ratios.size() / 2),
                other.key(),
                ratios.getFirst(),
                ratios.getLast(),
                ratios.size());
    }
}
