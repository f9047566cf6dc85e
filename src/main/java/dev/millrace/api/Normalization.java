package dev.millrace.api;

import java.util.List;

/**
 * What the graph does with a channel value before the network sees it: {@code (value * scale -
 * mean) / std}, value in 0..255, a mean and a std for each channel in the model's colour order.
 */
public record Normalization(double scale, List<Double> mean, List<Double> std) {
    public Normalization {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
    }
}
