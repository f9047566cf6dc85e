package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.LogLines;
import dev.millrace.testing.RawColors;
import dev.millrace.testing.Slow;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** A model that was exported without its softmax is spoken of when it is loaded, and once more. */
@Isolated("its scene counts the threads of the process")
@Slow
class ScoreWatchTest extends WithWorkerScene {
    private static final int MESSAGES = 6;

    private final Map<String, String> settings = WorkerScene.settings();

    private List<String> warnings() throws Exception {
        try (LogLines log = new LogLines("dev.millrace.worker");
                Worker worker = Worker.start(scene.config(settings))) {
            assertTrue(worker.device().description().length() > 0);
            for (int i = 0; i < MESSAGES; i++) {
                scene.send();
                scene.internet.await(i + 1, 20);
                Thread.sleep(300);
            }
            return log.lines("task 'colors'").stream()
                    .filter(line -> !line.contains("is served by"))
                    .toList();
        }
    }

    @Test
    void logitsAreSpokenOfAtLoadAndOnceMore() throws Exception {
        settings.put("MILLRACE_MODELS_0_BUNDLE", RawColors.in(folder).toString());
        List<String> said = warnings();
        assertEquals(2, said.size(), said::toString);
        assertTrue(
                said.getFirst().startsWith("task 'colors': the output 'output' of model 'raw'"),
                said::toString);
        assertTrue(said.getLast().startsWith("task 'colors', of an image: "), said::toString);
    }

    /** Its outputs are zeros whatever the model. */
    @Test
    void aDeviceThatComputesNothingHasNoScores() throws Exception {
        settings.put("MILLRACE_DEVICE_SIMULATE", "1,0");
        assertEquals(List.of(), warnings());
    }

    @Test
    void probabilitiesAreNot() throws Exception {
        assertEquals(List.of(), warnings());
    }
}
