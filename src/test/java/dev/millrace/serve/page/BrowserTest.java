package dev.millrace.serve.page;

import dev.millrace.testing.Chromium;
import dev.millrace.verify.SamplePhotos;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests of the page do in a browser; skipped where this machine has none. */
abstract class BrowserTest {
    /** Looked at by people, and some of them committed with the documents. */
    static final Path PICTURES = Path.of("target/page");

    @TempDir Path folder;
    Chromium browser;

    @BeforeEach
    void start() throws Exception {
        Optional<Path> program = Chromium.program();
        Assumptions.assumeTrue(program.isPresent(), "no Chromium is on this machine's PATH");
        browser = Chromium.start(program.get(), folder.resolve("browser"));
        browser.look("light", 1180, 900);
    }

    @AfterEach
    void end() {
        if (browser != null) {
            browser.close();
        }
    }

    /** A shipped photo as a file. */
    Path photo(String name) throws Exception {
        return Files.write(folder.resolve(name), SamplePhotos.all().get(name));
    }

    void open(String address, int models) throws Exception {
        browser.open(address);
        browser.await("document.querySelectorAll('#choices input').length === " + models);
    }

    void pick(String task) throws Exception {
        browser.evaluate(
                "document.querySelector('#choices input[value=\"" + task + "\"]').click()");
    }

    String answer() throws Exception {
        return browser.evaluate("document.getElementById('answer').innerText").asText();
    }

    /** Waits until the answer has come and has a text in it. */
    void awaitAnswer(String text) throws Exception {
        browser.await(
                "document.getElementById('answer').innerText.includes('"
                        + text
                        + "') && !document.querySelector('#shown.busy')");
    }
}
