package dev.millrace.serve.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.testing.Chromium;
import dev.millrace.testing.Contract;
import dev.millrace.testing.ServeProcess;
import dev.millrace.testing.Slow;
import dev.millrace.verify.SamplePhotos;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page of a worker with the shipped models, used in a browser as people use it. */
@Timeout(300)
@Slow
class ServedPageIT extends BrowserTest {
    private static final String ASTRONAUT = "photo-512x512-astronaut.jpg";
    private static final String TURNED = "exif-orientation6-otters.jpg";

    private static ServeProcess worker;

    @BeforeAll
    static void serve(@TempDir Path place) throws Exception {
        Assumptions.assumeTrue(
                Chromium.program().isPresent(), "no Chromium is on this machine's PATH");
        worker =
                ServeProcess.start(
                        place,
                        "--models=engines/safety,engines/objects,engines/text",
                        "--profile=latency");
    }

    @AfterAll
    static void stop() throws Exception {
        if (worker != null) {
            worker.end();
        }
    }

    private void open() throws Exception {
        open(worker.url() + "/", 3);
    }

    private static JsonNode ask(String task, byte[] photo) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<byte[]> answer =
                    client.send(
                            HttpRequest.newBuilder(
                                            URI.create(
                                                    worker.url()
                                                            + "/v2/models/"
                                                            + task
                                                            + "/infer?format=verdict"))
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(photo))
                                    .header("Content-Type", "image/jpeg")
                                    .build(),
                            HttpResponse.BodyHandlers.ofByteArray());
            assertEquals(200, answer.statusCode());
            return new ObjectMapper().readTree(answer.body());
        }
    }

    private void requireNoComplaint() {
        assertEquals(List.of(), browser.complaints());
        for (String url : browser.requests()) {
            assertTrue(url.startsWith(worker.url() + "/"), "asked another host: " + url);
        }
        assertFalse(browser.requests().isEmpty());
    }

    @Test
    void aPhotoGoesInAndItsVerdictAndBoxesAreSeen() throws Exception {
        open();
        browser.choose("#file", photo(ASTRONAUT));
        awaitAnswer("person");
        JsonNode result = ask("objects", SamplePhotos.all().get(ASTRONAUT));
        Contract.requireResult(result);
        JsonNode box = result.at("/results/objects/detections/0/box");
        assertEquals(
                "person %s %s".formatted(box.get(0).asDouble(), box.get(1).asDouble()),
                browser.evaluate(
                                """
                                (() => {
                                  const all = document.querySelectorAll('#shapes .box');
                                  const box = all[all.length - 1];
                                  return [box.dataset.label, Number(box.getAttribute('x')),
                                      Number(box.getAttribute('y'))].join(' ');
                                })()
                                """)
                        .asText());
        assertTrue(answer().contains("decode and resize"), answer());
        assertTrue(answer().contains("ms in the worker"), answer());
        pick("safety");
        awaitAnswer("Neutral");
        assertEquals(
                0, browser.evaluate("document.querySelectorAll('#shapes .box').length").asInt());
        assertEquals(
                5,
                browser.evaluate("document.querySelectorAll('#answer .bars li').length").asInt());
        pick("text");
        awaitAnswer("of the photo.");
        pick("objects");
        awaitAnswer("person");
        browser.screenshot(PICTURES.resolve("page.png"));
        requireNoComplaint();
    }

    /** Boxes lie in pixels of the upright photo, and the browser shows it upright. */
    @Test
    void aTurnedPhotoIsShownAsItsBoxesLie() throws Exception {
        open();
        browser.choose("#file", photo(TURNED));
        awaitAnswer("ms in the worker");
        JsonNode image = ask("objects", SamplePhotos.all().get(TURNED)).get("image");
        String size = image.get("width").asInt() + " " + image.get("height").asInt();
        assertEquals(
                size,
                browser.evaluate(
                                "`${document.getElementById('photo').naturalWidth} ${document.getElementById('photo').naturalHeight}`")
                        .asText());
        requireNoComplaint();
    }

    @Test
    void itIsReadableInTheDarkAndOnAPhone() throws Exception {
        open();
        String light = ground();
        browser.look("dark", 1180, 900);
        assertNotEquals(light, ground());
        pick("text");
        browser.choose("#file", photo("png-384x191-page-text.png"));
        awaitAnswer("lines of text");
        browser.screenshot(PICTURES.resolve("dark.png"));
        pick("objects");
        browser.choose("#file", photo("photo-1200x675-osprey.jpg"));
        awaitAnswer("bird");
        browser.look("light", 390, 844);
        assertEquals(
                390,
                browser.evaluate("document.documentElement.scrollWidth").asInt(),
                "scrolls sideways");
        browser.await("document.getElementById('photo').getBoundingClientRect().width <= 360");
        browser.screenshot(PICTURES.resolve("phone.png"));
        browser.evaluate(
                "document.querySelectorAll('details').forEach((one) => { one.open = true; })");
        assertEquals(
                390,
                browser.evaluate("document.documentElement.scrollWidth").asInt(),
                "scrolls sideways");
        browser.evaluate("document.getElementById('interface').scrollIntoView()");
        browser.screenshot(PICTURES.resolve("phone-interface.png"));
        browser.look("light", 1180, 900);
        browser.evaluate("document.getElementById('interface').scrollIntoView()");
        browser.screenshot(PICTURES.resolve("interface.png"));
        requireNoComplaint();
    }

    private String ground() throws Exception {
        return browser.evaluate("getComputedStyle(document.body).backgroundColor").asText();
    }

    @Test
    void aPhotoIsDroppedPastedOrTriedFromTheSamples() throws Exception {
        open();
        pick("safety");
        String file =
                """
                const bytes = Uint8Array.from(atob('%s'), (c) => c.charCodeAt(0));
                const held = new DataTransfer();
                held.items.add(new File([bytes], 'NAME', { type: 'image/jpeg' }));
                """
                        .formatted(
                                Base64.getEncoder()
                                        .encodeToString(
                                                SamplePhotos.all()
                                                        .get("mpu-300x250-city-night.jpg")));
        browser.evaluate(
                "{%s document.getElementById('drop').dispatchEvent(new DragEvent('drop', { dataTransfer: held, bubbles: true, cancelable: true })); }"
                        .formatted(file.replace("NAME", "dropped.jpg")));
        awaitAnswer("@dropped.jpg");
        browser.evaluate(
                "{%s document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: held, bubbles: true, cancelable: true })); }"
                        .formatted(file.replace("NAME", "pasted.jpg")));
        awaitAnswer("@pasted.jpg");
        browser.evaluate("document.querySelector('#samples button').click()");
        awaitAnswer("@astronaut.jpg");
        requireNoComplaint();
    }

    /** From the first Tab on, without a mouse. */
    @Test
    void theKeyboardReachesEverything() throws Exception {
        open();
        StringBuilder reached = new StringBuilder();
        for (int i = 0; i < 9; i++) {
            browser.press("Tab", 9, "");
            reached.append(
                    browser.evaluate(
                                    "document.activeElement.id || document.activeElement.name || document.activeElement.textContent || document.activeElement.title")
                            .asText());
            reached.append(' ');
        }
        assertEquals(
                "To the interface model file url go Try astronaut Try coffee Try osprey openapi.json ",
                reached.toString());
        browser.evaluate("document.querySelector('#choices input:checked').focus()");
        browser.press("ArrowRight", 39, "");
        assertEquals(
                "safety",
                browser.evaluate("document.querySelector('#choices input:checked').value")
                        .asText());
        browser.evaluate("document.querySelector('#samples button').focus()");
        browser.press("Enter", 13, "\r");
        awaitAnswer("Neutral");
        requireNoComplaint();
    }

    @Test
    void whatIsWrongWithAPhotoIsSaid() throws Exception {
        open();
        byte[] whole = SamplePhotos.all().get(ASTRONAUT);
        Path cut = Files.write(folder.resolve("cut.jpg"), Arrays.copyOf(whole, whole.length / 2));
        browser.choose("#file", cut);
        awaitAnswer("This photo is broken");
        assertTrue(answer().contains("status 422, corrupt_image"), answer());
        Path text = Files.writeString(folder.resolve("notes.txt"), "no photo");
        browser.choose("#file", text);
        awaitAnswer("This is not a photo that the worker reads");
        browser.evaluate("document.getElementById('url').focus()");
        browser.type("http://127.0.0.1:1/cat.jpg");
        browser.press("Enter", 13, "\r");
        awaitAnswer("may not load an image from this address");
        assertTrue(answer().contains("url_forbidden"), answer());
    }

    @Test
    void theInterfaceIsShownAsItIsDescribed() throws Exception {
        open();
        JsonNode paths =
                new ObjectMapper()
                        .readTree(Page.asset("/openapi.json").orElseThrow().body())
                        .get("paths");
        browser.await(
                "document.querySelectorAll('#operations details').length === " + paths.size());
        String text =
                browser.evaluate("document.getElementById('operations').textContent").asText();
        paths.fieldNames().forEachRemaining(path -> assertTrue(text.contains(path), path));
        for (String word : List.of("corrupt_image", "Millrace-Deadline-Ms", "Retry-After")) {
            assertTrue(text.contains(word), word);
        }
    }

    @Test
    void withoutJavaScriptItSaysHowToAskByHand() throws Exception {
        browser.call("Emulation.setScriptExecutionDisabled", Map.of("value", true));
        browser.open(worker.url() + "/");
        String seen = browser.evaluate("document.body.innerText").asText();
        assertTrue(seen.contains("curl --data-binary @photo.jpg"), seen);
        assertFalse(seen.contains("Choose a photo"), seen);
        requireNoComplaint();
    }

    @Test
    void theFunctionOfTheDocumentsAsksTheWorker() throws Exception {
        Matcher block =
                Pattern.compile("(?s)```javascript\n(.*?)```")
                        .matcher(Files.readString(Path.of("docs/serve.md")));
        assertTrue(block.find());
        open();
        assertEquals(
                "Neutral",
                browser.evaluate(
                                "(async () => {%s return (await verdict(await (await fetch('/samples/coffee.jpg')).blob(), 'safety')).label; })()"
                                        .formatted(block.group(1)))
                        .asText());
        assertEquals(
                "Error: unknown_task",
                browser.evaluate(
                                "(async () => {%s try { await verdict('', 'cats'); } catch (e) { return String(e).slice(0, 19); } })()"
                                        .formatted(block.group(1)))
                        .asText());
    }
}
