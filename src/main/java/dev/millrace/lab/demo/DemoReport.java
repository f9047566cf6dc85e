package dev.millrace.lab.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cli.Count;
import dev.millrace.observe.Load;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a run of the demo came to.
 *
 * @param left messages still in the queue
 * @param reloads changes of the models that results have named
 * @param cpuNsByRole CPU time of the threads during the run, the demo's own helpers included
 */
record DemoReport(
        int messages,
        int calledBack,
        long lost,
        long duplicates,
        long left,
        long deadLetters,
        double elapsedSeconds,
        long reloads,
        Load load,
        Map<String, Long> cpuNsByRole) {

    double imagesPerSecond() {
        return calledBack / elapsedSeconds;
    }

    ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("messages", messages);
        root.put("called_back", calledBack);
        root.put("lost", lost);
        root.put("duplicates", duplicates);
        root.put("left_in_queue", left);
        root.put("dead_letters", deadLetters);
        root.put("reloads", reloads);
        root.put("elapsed_s", LoadJson.rounded(elapsedSeconds));
        root.put("images_per_s", LoadJson.rounded(imagesPerSecond()));
        root.put("cpu_ms_per_image", LoadJson.rounded(load.cpuMsPerImage()));
        root.put("cpu_share", LoadJson.rounded(load.cpuShare()));
        root.put("mean_batch", LoadJson.rounded(load.meanBatch()));
        root.put("limited_by", load.limitedBy());
        LoadJson.put(load, root);
        ObjectNode cpu = root.putObject("cpu_ms_per_image_by_thread");
        cpuNsByRole.forEach(
                (role, nanos) -> {
                    double millis = nanos / 1e6 / messages;
                    if (millis >= 0.005) {
                        cpu.put(role, LoadJson.rounded(millis));
                    }
                });
        return root;
    }

    void print(
            PrintStream out,
            List<String> tasks,
            Set<String> photos,
            Map<String, JsonNode> results,
            boolean real) {
        out.println();
        if (real) {
            VerdictTable.print(out, tasks, photos, results);
        } else {
            out.println(
                    "There are no verdicts, since the device is simulated and computes nothing.");
        }
        out.println();
        out.printf(Locale.ROOT, "%-22s %6s %10s%n", "stage", "busy", "ms/image");
        load.stages()
                .forEach(
                        (name, stage) ->
                                out.printf(
                                        Locale.ROOT,
                                        "%-22s %6s %10.2f%n",
                                        name,
                                        stage.busy() == 0
                                                ? ""
                                                : String.format(
                                                        Locale.ROOT, "%.0f %%", 100 * stage.busy()),
                                        stage.msPerImage()));
        out.println();
        out.printf(
                Locale.ROOT,
                "%s in %.1f s: %.1f images/s, mean batch %.1f, %.1f CPU-ms per image (helpers included)%n",
                Count.of(messages, "message"),
                elapsedSeconds,
                imagesPerSecond(),
                load.meanBatch(),
                load.cpuMsPerImage());
        out.println(load.limitSentence());
        out.println(load.useSentence());
        out.printf(
                "called back %d, lost %d, duplicates %d, left in the queue %d, dead letters %d%n",
                calledBack, lost, duplicates, left, deadLetters);
    }
}
