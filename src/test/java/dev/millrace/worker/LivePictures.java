package dev.millrace.worker;

import dev.millrace.testing.Chromium;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WorkerProcess;
import dev.millrace.verify.SamplePhotos;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Takes the pictures of {@code docs/live} of a real worker with the shipped models: idle, busy,
 * limited and broken, light and dark. Run by its name; they are in {@code target/live} then.
 */
@Timeout(600)
class LivePictures {
    private static final Path PICTURES = Path.of("target/live");
    private static final int WIDTH = 1240;
    private static final int HEIGHT = 940;
    private static final int TALL = 1180;
    private static final int PHONE = 390;
    private static final String CHEAP = "\"safety\"";
    private static final String BOTH = CHEAP + ", \"objects\"";

    private final AtomicInteger sent = new AtomicInteger();
    private final List<String> photos =
            SamplePhotos.all().keySet().stream().filter(name -> name.startsWith("photo")).toList();

    @TempDir private Path folder;

    /**
     * @param both of so many messages one is for both models, the others for the cheaper one
     */
    private void send(TestQueue queue, Loopback internet, String callback, int count, int both) {
        for (int i = 0; i < count; i++) {
            int id = sent.incrementAndGet();
            String photo =
                    id % 40 == 7
                            ? internet.hostile("vector.svg")
                            : internet.photo(photos.get(id % photos.size()));
            String more = id % 60 == 11 ? "is-not-there" : "";
            queue.send(
                    List.of(
                            """
                            {"id": "p%d", "url": "%s", "tasks": [%s], "callback_url": "%s"}"""
                                    .formatted(
                                            id,
                                            photo + more,
                                            id % both == 0 ? BOTH : CHEAP,
                                            callback)));
        }
    }

    private static String yaml(TestQueue queue) {
        return """
               queue:
                 url: %s
               models:
                 - {task: safety, bundle: %s}
                 - {task: objects, bundle: %s}
               fetch:
                 allowAddresses: [127.0.0.0/8]
               callback:
                 allowAddresses: [127.0.0.0/8]
               device:
                 type: host
               drain:
                 spot: false
               """
                .formatted(
                        queue.url(),
                        Path.of("engines/safety").toAbsolutePath(),
                        Path.of("engines/objects").toAbsolutePath());
    }

    private static void picture(Chromium browser, String name, int height) throws Exception {
        for (String scheme : List.of("light", "dark")) {
            browser.look(scheme, WIDTH, height);
            shot(browser, name + "-" + scheme);
        }
    }

    private static void whole(Chromium browser, int width, String name) throws Exception {
        browser.look("light", width, HEIGHT);
        int height = browser.evaluate("document.documentElement.scrollHeight").asInt();
        browser.look("light", width, height);
        shot(browser, name);
    }

    /** Once what moves has come to rest. */
    private static void shot(Chromium browser, String name) throws Exception {
        browser.evaluate("new Promise((done) => setTimeout(done, 1200))");
        browser.screenshot(PICTURES.resolve(name + ".png"));
    }

    private static void await(Chromium browser, String title) throws Exception {
        browser.await("document.getElementById('title').textContent === '" + title + "'");
    }

    @Test
    void ofAWorkerThatIsIdleBusyLimitedAndBroken() throws Exception {
        Optional<Path> program = Chromium.program();
        Assumptions.assumeTrue(program.isPresent(), "no Chromium is on this machine's PATH");
        try (TestQueue queue = new TestQueue(5);
                Loopback internet = new Loopback();
                WorkerProcess worker = WorkerProcess.start(folder, yaml(queue));
                Chromium browser = Chromium.start(program.get(), folder.resolve("browser"))) {
            browser.look("light", WIDTH, HEIGHT);
            Loopback.awaitUntil(() -> worker.status("/v2/health/ready") == 200, 60, worker::output);
            browser.open("http://127.0.0.1:" + worker.port() + "/");
            await(browser, "Idle");
            browser.evaluate("new Promise((done) => setTimeout(done, 7000))");
            picture(browser, "idle", HEIGHT);
            for (int i = 0; i < 100; i++) {
                send(queue, internet, internet.sink(), 1, 4);
                Thread.sleep(150);
            }
            picture(browser, "busy", HEIGHT);
            send(queue, internet, internet.sink(), 700, 1);
            browser.evaluate("new Promise((done) => setTimeout(done, 12000))");
            picture(browser, "limited", HEIGHT);
            whole(browser, WIDTH, "whole");
            whole(browser, PHONE, "phone");
            send(queue, internet, "http://127.0.0.1:1/results", 60, 1);
            browser.await("document.getElementById('more').children.length === 0");
            browser.await("document.getElementById('title').textContent.includes('callback host')");
            queue.stopServer();
            await(browser, "The queue cannot be reached");
            browser.evaluate("new Promise((done) => setTimeout(done, 5000))");
            picture(browser, "broken", TALL);
            queue.startServer();
        }
    }
}
