package dev.millrace.serve.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page's files keep what its policy promises, which a browser would otherwise refuse late. */
class PageTest {
    private static final Set<String> SCRIPTS =
            Set.of("/page.js", "/dom.js", "/verdict.js", "/reference.js");

    private static String text(String path) {
        return new String(Page.asset(path).orElseThrow().body(), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({
        "/, text/html; charset=utf-8",
        "/page.js, text/javascript; charset=utf-8",
        "/page.css, text/css; charset=utf-8",
        "/page.svg, image/svg+xml",
        "/openapi.json, application/json",
        "/samples/coffee.jpg, image/jpeg"
    })
    void eachFileHasItsTypeAndATag(String path, String type) {
        Page.Asset asset = Page.asset(path).orElseThrow();
        assertEquals(type, asset.contentType());
        assertTrue(asset.etag().matches("\"[0-9a-f]{16}\""), asset.etag());
        assertNotEquals(Page.asset("/dom.js").orElseThrow().etag(), asset.etag());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "page.js",
                "//",
                "/page.html",
                "/../page.js",
                "/samples/",
                "/samples/photo-683x1024-dogs.jpg",
                "/logback.xml"
            })
    void nothingElseIsAFile(String path) {
        assertTrue(Page.asset(path).isEmpty());
    }

    @Test
    void nothingStandsInlineThatThePolicyForbids() {
        String html = text("/");
        assertFalse(html.contains("<style"), html);
        assertFalse(Pattern.compile("<script(?![^>]* src=)").matcher(html).find(), html);
        assertFalse(Pattern.compile("(?i)\\s(?:style|on[a-z]+)=").matcher(html).find(), html);
        assertFalse(html.contains("javascript:"), html);
    }

    /** What a model or a stranger's host said would otherwise be read as markup. */
    @Test
    void noTextEntersAsMarkup() {
        Pattern markup =
                Pattern.compile(
                        "innerHTML|outerHTML|insertAdjacentHTML|document\\.write|eval\\(|Function\\("
                                + "|setHTML|createContextualFragment|DOMParser");
        for (String script : SCRIPTS) {
            assertFalse(markup.matcher(text(script)).find(), script);
        }
    }

    @Test
    void nothingNamesAnotherHost() {
        Pattern address = Pattern.compile("(?:https?:)?//[a-z0-9][\\w.-]*\\.[a-z]{2,}");
        Set<String> found = new TreeSet<>();
        for (String path : Set.of("/", "/page.css", "/page.svg")) {
            add(found, address.matcher(text(path)));
        }
        SCRIPTS.forEach(script -> add(found, address.matcher(text(script))));
        assertEquals(Set.of("http://www.w3.org"), found);
    }

    private static void add(Set<String> found, Matcher matcher) {
        matcher.results().forEach(one -> found.add(one.group()));
    }

    @Test
    void eachElementThatAScriptAsksForIsOnThePage() {
        Set<String> missing = new TreeSet<>();
        int asked = 0;
        for (String script : SCRIPTS) {
            for (var id :
                    Pattern.compile("byId\\(\"(.*?)\"\\)")
                            .matcher(text(script))
                            .results()
                            .toList()) {
                asked++;
                if (!text("/").contains("id=\"" + id.group(1) + "\"")) {
                    missing.add(script + ": " + id.group(1));
                }
            }
        }
        assertEquals(Set.of(), missing);
        assertTrue(asked > 30, asked + " were found");
    }

    @Test
    void eachFileThatThePageNamesIsServed() {
        Set<String> missing = new TreeSet<>();
        for (String path : Set.of("/", "/page.js", "/verdict.js", "/reference.js")) {
            Pattern named = Pattern.compile("(?:src=|href=|from )\"(?:\\./)?([\\w./]+\\.[a-z]+)\"");
            named.matcher(text(path))
                    .results()
                    .map(one -> "/" + one.group(1))
                    .filter(one -> Page.asset(one).isEmpty())
                    .forEach(missing::add);
        }
        assertEquals(Set.of(), missing);
    }
}
