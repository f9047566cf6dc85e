package dev.millrace.serve.page;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.verify.SamplePhotos;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the page shows of each kind of verdict and error, in a browser. */
@Timeout(300)
class PageInBrowserIT extends BrowserTest {
    private static final String COFFEE = "photo-600x400-coffee.jpg";

    private static Map<String, CannedWorker.Answer> verdicts() {
        Map<String, CannedWorker.Answer> answers = new LinkedHashMap<>();
        answers.put(
                "safety",
                CannedWorker.Answer.verdict(
                        "classifier",
                        """
                        "label": "Neutral", "scores": {"Drawing": 0.003, "Hentai": 0.0,
                        "Neutral": 0.996, "Porn": 0.001, "Sexy": 0.0}
                        """));
        answers.put(
                "objects",
                CannedWorker.Answer.verdict(
                        "detector",
                        """
                        "label": "cup", "detections": [
                          {"label": "cup", "score": 0.91, "box": [120.5, 80, 430, 330]},
                          {"label": "spoon", "score": 0.62, "box": [440, 150, 590, 250]},
                          {"label": "dining table", "score": 0.51, "box": [0, 0, 600, 400]}]
                        """));
        answers.put(
                "areas",
                CannedWorker.Answer.verdict(
                        "segmentation",
                        """
                        "label": "table", "shares": {"table": 0.5, "cup": 0.25, "spoon": 0.125},
                        "mask": {"width": 4, "height": 4, "runs": [7, 4, -1, 2, 7, 4, 2, 4, 5, 2]}
                        """));
        answers.put(
                "vectors",
                CannedWorker.Answer.verdict(
                        "embedding",
                        "\"embedding\": [0.6, -0.8, 0.05, 0.3, 0.1, -0.4, 0.2, -0.1]"));
        answers.put(
                "marked",
                CannedWorker.Answer.verdict(
                        "classifier",
                        """
                        "label": "<img src=x onerror=alert(1)>",
                        "labels": ["<img src=x onerror=alert(1)>", "b"],
                        "scores": {"<img src=x onerror=alert(1)>": 0.9, "b": 0.6}
                        """));
        answers.put(
                "text",
                CannedWorker.Answer.verdict(
                        "text",
                        """
                        "label": "text", "text_fraction": 0.213, "boxes": [
                          {"score": 0.9, "box": [20, 20, 300, 60]},
                          {"score": 0.8, "box": [20, 80, 260, 120]}]
                        """));
        answers.put(
                "own",
                CannedWorker.Answer.verdict(
                        "com.example.Own", "\"label\": \"warm\", \"kelvin\": 3200"));
        answers.put(
                "broken",
                CannedWorker.Answer.error(
                        422, "corrupt_image", "the JPEG ends before its end marker"));
        answers.put("busy", CannedWorker.Answer.error(429, "busy", "64 callers wait already"));
        answers.put("odd", CannedWorker.Answer.error(418, "", "a teapot"));
        return answers;
    }

    @Test
    void eachKindOfVerdictAndErrorIsShown() throws Exception {
        try (CannedWorker worker = new CannedWorker(verdicts(), Optional.empty())) {
            open(worker.address(), 10);
            browser.screenshot(PICTURES.resolve("empty.png"));
            browser.choose("#file", photo(COFFEE));
            awaitAnswer("Neutral");
            assertTrue(answer().contains("99.6 %"), answer());
            browser.screenshot(PICTURES.resolve("classifier.png"));
            CannedWorker.Asked first = worker.asked.getFirst();
            assertEquals("image/jpeg", first.contentType());
            assertEquals("format=verdict", first.query());
            assertArrayEquals(SamplePhotos.all().get(COFFEE), first.body());

            pick("objects");
            awaitAnswer("cup, spoon, dining table");
            assertEquals(
                    "0 0 600 400",
                    browser.evaluate("document.getElementById('shapes').getAttribute('viewBox')")
                            .asText());
            assertEquals(
                    "120.5 80 309.5 250",
                    browser.evaluate(
                                    """
                                    ['x', 'y', 'width', 'height'].map((name) => document
                                        .querySelector('#shapes .box[data-label="cup"]')
                                        .getAttribute(name)).join(' ')
                                    """)
                            .asText());
            browser.screenshot(PICTURES.resolve("detector.png"));

            pick("areas");
            awaitAnswer("50.0 % of the photo");
            // The class that covers most has the first colour, and what has no label has none.
            assertEquals(
                    "[[79,209,191,255],[0,0,0,0],[255,180,84,255],[138,180,255,255]]",
                    browser.evaluate(
                                    """
                                    (() => {
                                      const pen = document.getElementById('mask').getContext('2d');
                                      const { data } = pen.getImageData(0, 0, 4, 4);
                                      const at = (x, y) => [...data.slice((y * 4 + x) * 4, (y * 4 + x) * 4 + 4)];
                                      return JSON.stringify([at(0, 0), at(0, 1), at(3, 2), at(3, 3)]);
                                    })()
                                    """)
                            .asText());
            browser.screenshot(PICTURES.resolve("segmentation.png"));

            pick("vectors");
            awaitAnswer("8 numbers");
            browser.screenshot(PICTURES.resolve("embedding.png"));
            pick("text");
            awaitAnswer("2 lines of text");
            assertTrue(answer().contains("Text covers 21.3 % of the photo."), answer());
            pick("own");
            awaitAnswer("3200");
            pick("marked");
            awaitAnswer("<img src=x onerror=alert(1)>");
            assertEquals(
                    0, browser.evaluate("document.querySelectorAll('#answer img').length").asInt());
            assertEquals(List.of(), browser.complaints());

            pick("broken");
            awaitAnswer("This photo is broken");
            assertTrue(answer().contains("the JPEG ends before its end marker"), answer());
            assertTrue(answer().contains("status 422, corrupt_image"), answer());
            browser.screenshot(PICTURES.resolve("failure.png"));
            pick("busy");
            awaitAnswer("as many callers as it takes");
            pick("odd");
            awaitAnswer("status 418");
        }
    }

    @Test
    void theTokenIsAskedForAndSent() throws Exception {
        try (CannedWorker worker = new CannedWorker(verdicts(), Optional.of("s3cret"))) {
            browser.open(worker.address());
            browser.await("!document.getElementById('token').hidden");
            browser.await("document.activeElement.id === 'bearer'");
            browser.screenshot(PICTURES.resolve("token.png"));
            browser.type("wrong");
            browser.press("Enter", 13, "\r");
            browser.await("document.getElementById('token').innerText.includes('not the token')");
            browser.evaluate("document.getElementById('bearer').select()");
            browser.type("s3cret");
            browser.press("Enter", 13, "\r");
            browser.await("document.getElementById('token').hidden");
            browser.choose("#file", photo(COFFEE));
            awaitAnswer("Neutral");
            assertEquals("Bearer s3cret", worker.asked.getFirst().token());
            assertTrue(answer().contains("Authorization: Bearer $TOKEN"), answer());
            assertTrue(!answer().contains("s3cret"), answer());
        }
    }

    /** Otherwise a page without complaints would say nothing. */
    @Test
    void breachesOfThePolicyWouldBeSeen() throws Exception {
        try (CannedWorker worker = new CannedWorker(verdicts(), Optional.empty())) {
            open(worker.address(), 10);
            assertEquals(List.of(), browser.complaints());
            browser.evaluate(
                    """
                    const style = document.createElement('style');
                    style.textContent = 'body { color: red }';
                    document.head.append(style);
                    new Image().src = 'http://127.0.0.1:1/other.png';
                    """);
            browser.await("document.styleSheets.length === 1");
            browser.evaluate("new Promise((done) => setTimeout(done, 500))");
            String seen = browser.complaints().toString();
            assertTrue(seen.contains("style-src"), seen);
            assertTrue(seen.contains("img-src"), seen);
        }
    }

    @Test
    void aWorkerThatStartsIsAskedAgain() throws Exception {
        try (CannedWorker worker = new CannedWorker(verdicts(), Optional.empty())) {
            worker.ready = false;
            browser.open(worker.address());
            awaitAnswer("The worker is not ready yet.");
            worker.ready = true;
            browser.await("document.querySelectorAll('#choices input').length === 10");
            awaitAnswer("The verdict appears here.");
        }
    }

    @Test
    void anAddressIsAskedForAndNotLoadedByThePage() throws Exception {
        try (CannedWorker worker = new CannedWorker(verdicts(), Optional.empty())) {
            open(worker.address(), 10);
            pick("objects");
            browser.evaluate("document.getElementById('url').focus()");
            browser.type("https://images.example/cup.jpg");
            browser.press("Enter", 13, "\r");
            awaitAnswer("cup, spoon, dining table");
            CannedWorker.Asked first = worker.asked.getFirst();
            assertEquals("application/json", first.contentType());
            assertEquals(
                    "{\"inputs\":[{\"name\":\"image\",\"shape\":[1],\"datatype\":\"BYTES\","
                            + "\"parameters\":{\"content\":\"url\"},"
                            + "\"data\":[\"https://images.example/cup.jpg\"]}]}",
                    new String(first.body(), StandardCharsets.UTF_8));
            browser.await("document.getElementById('photo').naturalWidth === 600");
            browser.screenshot(PICTURES.resolve("address.png"));
            for (String url : browser.requests()) {
                assertTrue(url.startsWith(worker.address()), url);
            }
            assertEquals(List.of(), browser.complaints());
        }
    }
}
