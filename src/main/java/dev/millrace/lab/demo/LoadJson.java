package dev.millrace.lab.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.observe.Load;

/** What the JSON of {@code demo} and of {@code bench} says alike. */
public final class LoadJson {
    private LoadJson() {}

    /** A figure without digits that mean nothing. */
    public static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }

    /** The sizes of the batches, and what the stages did. */
    public static void put(Load load, ObjectNode json) {
        ObjectNode sizes = json.putObject("batch_sizes");
        load.batchSizes().forEach((size, share) -> sizes.put(size, rounded(share)));
        ObjectNode stages = json.putObject("stages");
        load.stages()
                .forEach(
                        (name, stage) ->
                                stages.putObject(name)
                                        .put("busy", rounded(stage.busy()))
                                        .put("ms_per_image", rounded(stage.msPerImage())));
    }
}
