package dev.millrace.lab.tune;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The search against machines that answer at once, in a fifth of an exhaustive sweep's runs. */
class SearchTest {
    private static final Grid GRID =
            new Grid(
                    List.of(1, 2),
                    List.of(1, 4, 8, 32),
                    List.of(1, 2),
                    List.of(Duration.ZERO, Duration.ofMillis(2), Duration.ofMillis(5)));
    private static final Goal GOAL = new Goal(Duration.ofMillis(200), "99", 0.7);
    private static final int RUNS = GRID.settings().size() / 5;
    private static final double NEAR = 0.95;
    private static final int SEEDS = 200;

    static Stream<Surface> surfaces() {
        return Stream.of(
                Surface.decodeBound(),
                Surface.deviceBound(),
                Surface.latencyBound(),
                Surface.sharedCores());
    }

    @ParameterizedTest
    @MethodSource("surfaces")
    void findsASettingNearTheBest(Surface surface) throws IOException {
        Choice choice = search(surface, GRID, 0, 1);
        double share = surface.worth(choice.chosen(), GOAL) / surface.best(GRID, GOAL);
        assertTrue(share >= NEAR, () -> choice.chosen().key() + " reaches " + share);
        assertTrue(choice.measured().size() <= RUNS);
        assertTrue(choice.kept());
    }

    @ParameterizedTest
    @MethodSource("surfaces")
    void findsItWhereRunsDifferByFivePercent(Surface surface) throws IOException {
        double share = shareOfSeedsNearTheBest(surface, 0.05);
        assertTrue(share >= 0.9, () -> "near the best in only " + share + " of the searches");
    }

    /** The surfaces are not so flat that any choice would do. */
    @ParameterizedTest
    @MethodSource("surfaces")
    void aRandomChoiceDoesNot(Surface surface) {
        long near =
                GRID.settings().stream()
                        .filter(
                                setting ->
                                        surface.worth(setting, GOAL)
                                                >= NEAR * surface.best(GRID, GOAL))
                        .count();
        assertTrue(near <= GRID.settings().size() / 2, () -> near + " of 48 are near the best");
    }

    private static double shareOfSeedsNearTheBest(Surface surface, double noise)
            throws IOException {
        int near = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            Choice choice = search(surface, GRID, noise, seed);
            if (surface.worth(choice.chosen(), GOAL) >= NEAR * surface.best(GRID, GOAL)) {
                near++;
            }
        }
        return near / (double) SEEDS;
    }

    private static Choice search(Surface surface, Grid grid, double noise, long seed)
            throws IOException {
        Search search =
                new Search(
                        grid,
                        GOAL,
                        RUNS,
                        first -> Prior.of(first, surface.cores(), surface.device(), GOAL));
        return search.run(grid.start(surface.cores()), surface.meter(noise, seed));
    }
}
