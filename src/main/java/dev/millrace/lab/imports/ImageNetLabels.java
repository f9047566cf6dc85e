package dev.millrace.lab.imports;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The thousand things of ImageNet, in the order of its classifiers. */
final class ImageNetLabels {
    private static final String FILE = "imagenet.txt";

    private ImageNetLabels() {}

    /**
     * Those of a model with so many scores: TensorFlow's have one more, before the others, that
     * stands for nothing. Empty where the model has other classes.
     */
    static List<String> of(long scores) {
        List<String> all = all();
        if (scores == all.size()) {
            return all;
        }
        if (scores != all.size() + 1) {
            return List.of();
        }
        List<String> shifted = new ArrayList<>(List.of(""));
        shifted.addAll(all);
        return shifted;
    }

    private static List<String> all() {
        try (InputStream in = ImageNetLabels.class.getResourceAsStream(FILE)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(FILE + " is in this jar", e);
        }
    }
}
