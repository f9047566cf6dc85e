package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.testing.Chromium;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.Slow;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.Workers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page of the status port in a browser, from an idle worker to one that has gone. */
@Timeout(300)
@Slow
class LivePageIT {
    private static final int PHONE = 390;
    private static final String MARKUP = "<img src=x onerror=alert(1)>";

    @TempDir private Path folder;
    private Chromium browser;
    private TestQueue queue;
    private Loopback internet;
    private Worker worker;

    @BeforeEach
    void start() throws Exception {
        Optional<Path> program = Chromium.program();
        Assumptions.assumeTrue(program.isPresent(), "no Chromium is on this machine's PATH");
        queue = new TestQueue(5);
        internet = new Loopback();
        worker = Worker.start(Workers.config(queue.settings(Duration.ofSeconds(60)), 64, "colors"));
        browser = Chromium.start(program.get(), folder.resolve("browser"));
        browser.look("light", 1240, 900);
    }

    @AfterEach
    void end() {
        for (AutoCloseable one : new AutoCloseable[] {browser, worker, internet, queue}) {
            try {
                if (one != null) {
                    one.close();
                }
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }

    private String address() {
        return "http://127.0.0.1:" + worker.httpPort().orElseThrow() + "/";
    }

    private void send(String id) {
        queue.send(
                List.of(
                        """
                        {"id": "%s", "url": "%s", "task": "colors", "callback_url": "%s"}"""
                                .formatted(
                                        id,
                                        internet.photo("mpu-300x250-city-night.jpg"),
                                        internet.sink())));
    }

    private String text(String id) throws Exception {
        return browser.evaluate("document.getElementById('" + id + "').innerText").asText();
    }

    private void awaitTitle(String title) throws Exception {
        browser.await("document.getElementById('title').textContent === '" + title + "'");
    }

    private String ground() throws Exception {
        return browser.evaluate("getComputedStyle(document.body).backgroundColor").asText();
    }

    private void requireFits() throws Exception {
        for (int width : new int[] {320, PHONE, 768, 1240}) {
            browser.look("light", width, 844);
            assertEquals(
                    width,
                    browser.evaluate("document.documentElement.scrollWidth").asInt(),
                    "scrolls sideways");
        }
    }

    private void requireNoComplaint() {
        assertEquals(List.of(), browser.complaints());
        assertFalse(browser.requests().isEmpty());
        for (String url : browser.requests()) {
            assertTrue(url.startsWith(address()), "asked another host: " + url);
        }
    }

    @Test
    void itShowsWhatTheWorkerDoesUntilItHasGone() throws Exception {
        browser.open(address());
        awaitTitle("Idle");
        for (int i = 0; i < 20; i++) {
            send("m" + i);
        }
        queue.send(
                List.of(
                        """
                        {"url": "http://127.0.0.1:1/a.jpg", "tasks": ["%s", "%<s"], "callback_url": "%s"}"""
                                .formatted(MARKUP, internet.sink())));
        internet.await(20, 30);
        browser.await("document.getElementById('facts').innerText.includes('20 deleted')");
        browser.await("document.getElementById('errors').innerText.includes('malformed')");
        assertTrue(text("path").contains("ring colors"), text("path"));
        assertTrue(text("limit").startsWith("limited by: "), text("limit"));
        assertTrue(text("times").contains("decode and resize"), text("times"));
        assertTrue(text("models").contains("ONNX graph"), text("models"));
        assertTrue(text("errors").contains(MARKUP), text("errors"));
        assertEquals(0, browser.evaluate("document.querySelectorAll('#live img').length").asInt());
        requireFits();
        String light = ground();
        browser.look("dark", 1240, 900);
        assertNotEquals(light, ground());

        queue.stopServer();
        awaitTitle("The queue cannot be reached");
        assertTrue(text("errors").contains("receive_errors"), text("errors"));
        requireFits();
        requireNoComplaint();
        queue.startServer();
        worker.close();
        worker = null;
        awaitTitle("The worker does not answer");
    }

    @Test
    void nobodyIsAskedWhileThePageIsHidden() throws Exception {
        browser.open(address());
        awaitTitle("Idle");
        String hide =
                "Object.defineProperty(document, 'hidden', { value: %s, configurable: true });"
                        + "document.dispatchEvent(new Event('visibilitychange'));";
        browser.evaluate(hide.formatted("true"));
        browser.evaluate("new Promise((done) => setTimeout(done, 500))");
        int asked = browser.requests().size();
        browser.evaluate("new Promise((done) => setTimeout(done, 3000))");
        assertEquals(asked, browser.requests().size());
        browser.evaluate(hide.formatted("false"));
        browser.evaluate("new Promise((done) => setTimeout(done, 500))");
        assertTrue(browser.requests().size() > asked, "asks again");
        requireNoComplaint();
    }

    @Test
    void withoutJavaScriptItIsATableOfTheSameFigures() throws Exception {
        send("one");
        internet.await(1, 30);
        browser.call("Emulation.setScriptExecutionDisabled", Map.of("value", true));
        // Two looks within a second are of the same figures.
        String seen = "";
        String sentence = "no";
        for (int round = 0; round < 20 && !seen.contains(sentence); round++) {
            browser.open(address());
            seen = browser.evaluate("document.body.innerText").asText();
            JsonNode status = new ObjectMapper().readTree(WorkerScene.text(worker, "/status.json"));
            sentence = status.at("/limited_by/sentence").asText();
        }
        assertTrue(seen.contains(sentence), seen);
        for (String word :
                List.of("limited by: ", "fetch", "decode", "infer", "colors", "ONNX graph")) {
            assertTrue(seen.contains(word), word + " is not in " + seen);
        }
        assertTrue(
                browser.evaluate("document.querySelectorAll('main.plain tr').length").asInt() > 20);
        assertEquals(
                "5",
                browser.evaluate("document.querySelector('meta[http-equiv=refresh]').content")
                        .asText());
        requireFits();
        requireNoComplaint();
    }

    /** Otherwise a page without complaints would say nothing. */
    @Test
    void breachesOfThePolicyWouldBeSeen() throws Exception {
        browser.open(address());
        awaitTitle("Idle");
        browser.evaluate(
                """
                const style = document.createElement('style');
                style.textContent = 'body { color: red }';
                document.head.append(style);
                new Image().src = 'http://127.0.0.1:1/other.png';
                """);
        browser.evaluate("new Promise((done) => setTimeout(done, 500))");
        String seen = browser.complaints().toString();
        assertTrue(seen.contains("style-src"), seen);
        assertTrue(seen.contains("img-src"), seen);
    }
}
