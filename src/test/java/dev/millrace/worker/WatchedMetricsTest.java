package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.observe.GpuScrape;
import dev.millrace.testing.Observed;
import dev.millrace.testing.PromQuery;
import dev.millrace.testing.PromText;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** What the alerts and the dashboard ask for is what a worker exports. */
@Isolated("its scene counts the threads of the process")
class WatchedMetricsTest extends WithWorkerScene {
    private static final Set<String> OF_PROMETHEUS = Set.of("up", "ALERTS");

    private List<PromText> scrapes() throws Exception {
        PromText gpu = new PromText(GpuScrape.text(Files.createDirectory(folder.resolve("gpu"))));
        Map<String, String> settings = WorkerScene.settings();
        settings.put("MILLRACE_SERVE_PORT", "0");
        try (Worker worker = Worker.start(scene.config(settings))) {
            scene.send();
            scene.internet.await(1, 30);
            return List.of(new PromText(WorkerScene.text(worker, "/metrics")), gpu);
        }
    }

    @Test
    void eachQueryNamesWhatAWorkerExports() throws Exception {
        List<PromText> scrapes = scrapes();
        Map<String, String> queries = new TreeMap<>(Observed.queries());
        Observed.alerts().forEach((name, alert) -> queries.put(name, alert.path("expr").asText()));
        Observed.variables().forEach(query -> queries.put("variable " + query, query));
        List<String> unknown = new ArrayList<>();
        int selectors = 0;
        for (Map.Entry<String, String> query : queries.entrySet()) {
            PromQuery parsed = PromQuery.of(query.getValue());
            assertTrue(!parsed.selectors().isEmpty(), query::toString);
            selectors += parsed.selectors().size();
            parsed.unknown(scrapes, OF_PROMETHEUS)
                    .forEach(one -> unknown.add(query.getKey() + ": " + one));
        }
        assertEquals(List.of(), unknown);
        assertTrue(selectors > 100, selectors + " were found");
        // The control: what a worker does not export is found, be it a name, a label or a value.
        for (String[] wrong :
                new String[][] {
                    {"rate(millrace_gone_total[5m]) > 0", "millrace_gone_total"},
                    {
                        "millrace_failures_total{kind=\"poisson\"} > 0",
                        "millrace_failures_total{kind=poisson}"
                    },
                    {"millrace_ready{task=\"colors\"}", "millrace_ready{task=colors}"},
                    {"sum by (host) (millrace_ready)", "host"},
                }) {
            assertEquals(List.of(wrong[1]), PromQuery.of(wrong[0]).unknown(scrapes, OF_PROMETHEUS));
        }
    }
}
