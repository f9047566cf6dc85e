package dev.millrace.serve.oip;

import java.util.Optional;

/**
 * What came of one image.
 *
 * @param verdictJson what the contract's result holds of the task, as JSON in UTF-8
 * @param label of classifiers, where a class is the one
 * @param scores of classifiers, one for each class in the order of the model's labels; else empty
 */
public record ImageAnswer(byte[] verdictJson, Optional<String> label, float[] scores) {}
