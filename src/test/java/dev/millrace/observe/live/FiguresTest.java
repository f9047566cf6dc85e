package dev.millrace.observe.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

/** The tables for browsers without JavaScript. */
class FiguresTest {
    private static final String MARKUP = "<script>alert(\"1\")</script>&'";

    private static JsonNode json(String text) throws Exception {
        return new ObjectMapper().readTree(text);
    }

    @Test
    void whateverStrangersWroteIsText() throws Exception {
        String written = new ObjectMapper().writeValueAsString(MARKUP);
        String html =
                Figures.html(
                        json(
                                """
                                {"state": {"title": T, "detail": T, "more": [{"title": T, "detail": T}]},
                                 "limited_by": {"sentence": T}, "since_start": false,
                                 "stages": [{"name": T, "task": T}],
                                 "models": [{"task": T, "model": T, "version": T, "engine": T,
                                             "batches": {"sizes": [{"rows": T, "share": 1}]}}],
                                 "errors": [{"kind": T, "count": T, "tried_again": T,
                                             "last": {"time": T, "host": T, "message": T}}],
                                 "worker": {"device": T, "version": T, "java": T, "started": T}}
                                """
                                        .replace("T", written)));
        assertFalse(html.contains("<script"), html);
        assertFalse(html.contains("alert(\""), html);
        assertTrue(html.split("&lt;script&gt;alert\\(&quot;1&quot;\\)", -1).length > 20, html);
        assertEquals(
                "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;",
                Figures.escaped(MARKUP));
    }

    @Test
    void figuresHaveTheirUnits() throws Exception {
        String html =
                Figures.html(
                        json(
                                """
                                {"state": {"title": "Working", "detail": "d", "more": []},
                                 "limited_by": {"sentence": "limited by: arrivals"},
                                 "stages": [{"name": "infer", "task": "safety", "per_second": 1234.56,
                                             "p50_seconds": 0.0512, "p99_seconds": 1.25, "busy": 0.93},
                                            {"name": "fetch", "per_second": 0, "p50_seconds": null,
                                             "p99_seconds": null}],
                                 "models": [], "errors": [], "worker": {"memory_bytes": 611319808}}
                                """));
        assertTrue(
                html.contains(
                        "<th scope=\"row\">infer</th><td>safety</td><td>1,234.6</td><td>51.2 ms</td><td>1.3 s</td><td>93 %</td>"),
                html);
        assertTrue(html.contains("<td>0.0</td><td>–</td><td>–</td><td>–</td>"), html);
        assertTrue(html.contains("583 MiB of –"), html);
        assertTrue(html.contains("There has been none since the worker started."), html);
        assertTrue(html.contains("limited by: arrivals"), html);
    }
}
