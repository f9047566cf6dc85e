package dev.millrace.worker;

import dev.millrace.testing.TestQueue;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A class whose tests have a scene each, on one queue, of which nothing may be left. */
abstract class WithWorkerScene {
    static TestQueue queue;

    WorkerScene scene;

    @TempDir Path folder;

    @BeforeAll
    static void opensTheQueue() {
        queue = new TestQueue(50);
    }

    @AfterAll
    static void closesTheQueue() {
        queue.close();
    }

    @BeforeEach
    void opens() throws IOException {
        scene = new WorkerScene(queue, folder);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        try (WorkerScene ended = scene) {
            ended.nothingIsLeft();
        }
    }
}
