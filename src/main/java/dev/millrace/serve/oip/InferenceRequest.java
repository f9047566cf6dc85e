package dev.millrace.serve.oip;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a caller asks for.
 *
 * @param id comes back with the answer
 * @param images one at least
 * @param timeout how long the caller waits at most, where it says so
 */
public record InferenceRequest(
        Optional<String> id,
        List<ImageSource> images,
        Optional<Duration> timeout,
        RequestedOutputs outputs) {
    public InferenceRequest {
        images = List.copyOf(images);
    }
}
