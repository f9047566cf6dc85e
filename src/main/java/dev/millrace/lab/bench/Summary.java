package dev.millrace.lab.bench;

import java.util.Comparator;
import java.util.List;

/** The rounds of one configuration, of which the one with the median throughput speaks for it. */
record Summary(Configuration configuration, List<Run> runs) {
    Run median() {
        return byThroughput().get(runs.size() / 2);
    }

    double least() {
        return byThroughput().getFirst().imagesPerSecond();
    }

    double most() {
        return byThroughput().getLast().imagesPerSecond();
    }

    private List<Run> byThroughput() {
        return runs.stream().sorted(Comparator.comparingDouble(Run::imagesPerSecond)).toList();
    }
}
