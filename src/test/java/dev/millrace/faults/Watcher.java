package dev.millrace.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.Observed;
import dev.millrace.testing.Promtool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A Prometheus on loopback that scrapes one worker each second, with the alerts of this project in
 * a hurry: all times divided by {@link #HURRY}, and bounds that a test says. Its data is in a
 * folder of the test, and its process ends with it.
 */
final class Watcher implements AutoCloseable {
    /** What five minutes are is ten seconds here. */
    static final int HURRY = 30;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern TIME = Pattern.compile("(?<=\\[|offset |for: )(\\d+)([mh])\\b");

    /** On a busy machine a worker that is well answers late for seconds. */
    private static final String DOWN = "== 0\n        for: 2m";

    private static final String RECENT = "process_start_time_seconds < 900";

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;
    private final Path log;
    private final int port;

    /**
     * @param folder is empty
     * @param worker its status port
     * @param bounds of the rules, and what stands there instead
     * @param flags of Prometheus, beside its usual ones
     */
    Watcher(Path folder, int worker, Map<String, String> bounds, String... flags)
            throws IOException, InterruptedException {
        Path program = Promtool.require("prometheus");
        Files.writeString(
                folder.resolve("alerts.yaml"), inAHurry(Files.readString(Observed.RULES), bounds));
        Path config = folder.resolve("prometheus.yaml");
        Files.writeString(
                config,
                """
                global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
                rule_files: [alerts.yaml]
                scrape_configs:
                  - job_name: millrace
                    scrape_classic_histograms: true
                    static_configs:
                      - targets: ["127.0.0.1:%d"]
                """
                        .formatted(worker));
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        log = folder.resolve("prometheus.log");
        List<String> command = new ArrayList<>();
        command.add(program.toString());
        command.add("--config.file=" + config);
        command.add("--storage.tsdb.path=" + folder.resolve("data"));
        command.add("--storage.tsdb.retention.time=1h");
        command.add("--web.listen-address=127.0.0.1:" + port);
        command.add("--log.level=warn");
        command.addAll(List.of(flags));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("GOMAXPROCS", "1");
        builder.environment().put("GOMEMLIMIT", "200MiB");
        process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        Loopback.awaitUntil(() -> answers(), 30, this::said);
    }

    /** The rules with their times divided, and other bounds. */
    static String inAHurry(String rules, Map<String, String> bounds) {
        String hurried = rules;
        for (Map.Entry<String, String> bound : bounds.entrySet()) {
            require(hurried, bound.getKey());
            hurried = hurried.replace(bound.getKey(), bound.getValue());
        }
        require(hurried, RECENT);
        require(hurried, DOWN);
        hurried = hurried.replace(DOWN, DOWN.replace("2m", "10m"));
        return TIME.matcher(hurried.replace(RECENT, "process_start_time_seconds < 30"))
                .replaceAll(
                        time -> {
                            int minutes =
                                    Integer.parseInt(time.group(1))
                                            * (time.group(2).equals("h") ? 60 : 1);
                            return minutes * 60 / HURRY + "s";
                        });
    }

    private static void require(String rules, String part) {
        if (!rules.contains(part)) {
            throw new AssertionError(part + " is not in the rules any more");
        }
    }

    private boolean answers() {
        try {
            return process.isAlive() && !query("vector(1)").isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    private String said() {
        try {
            return "Prometheus: " + Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** The series that a query gives now. */
    JsonNode query(String query) throws IOException {
        String words = URLEncoder.encode(query, StandardCharsets.UTF_8);
        URI uri = URI.create("http://127.0.0.1:" + port + "/api/v1/query?query=" + words);
        try {
            HttpResponse<String> answer =
                    http.send(
                            HttpRequest.newBuilder(uri).build(),
                            HttpResponse.BodyHandlers.ofString());
            JsonNode body = JSON.readTree(answer.body());
            if (answer.statusCode() != 200) {
                throw new AssertionError(query + ": " + body);
            }
            return body.at("/data/result");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The alerts that fire, or have fired since it began. */
    Set<String> fired() {
        try {
            Set<String> names = new TreeSet<>();
            query("count by (alertname) (max_over_time(ALERTS{alertstate=\"firing\"}[30m]))")
                    .findValues("alertname")
                    .forEach(name -> names.add(name.asText()));
            return names;
        } catch (IOException e) {
            throw new AssertionError(said(), e);
        }
    }

    /** Waits until these have fired. */
    void await(Set<String> alerts, int seconds) throws InterruptedException {
        Loopback.awaitUntil(
                () -> fired().containsAll(alerts), seconds, () -> alerts + " wanted, " + fired());
    }

    @Override
    public void close() {
        http.shutdownNow();
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
