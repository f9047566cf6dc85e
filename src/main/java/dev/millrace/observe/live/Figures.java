package dev.millrace.observe.live;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The document as tables of HTML, for browsers without JavaScript. Whatever is written is escaped.
 */
final class Figures {
    private static final String NONE = "–";

    private final StringBuilder html = new StringBuilder();

    private Figures() {}

    /**
     * @param status as {@link StatusDocument} writes it
     */
    static String html(JsonNode status) {
        Figures figures = new Figures();
        figures.write(status);
        return figures.html.toString();
    }

    private void write(JsonNode status) {
        JsonNode state = status.path("state");
        html.append("<main class=\"plain\">");
        element("h2", text(state, "title"));
        element("p", text(state, "detail"));
        for (JsonNode more : state.path("more")) {
            element("p", text(more, "title") + ": " + text(more, "detail"));
        }
        if (!status.path("stages").isEmpty()) {
            element("p", text(status.path("limited_by"), "sentence"));
            work(status);
            stages(status);
            batches(status.path("models"));
        }
        errors(status);
        machine(status);
        html.append("</main>");
    }

    private void work(JsonNode status) {
        JsonNode messages = status.path("messages");
        element("h2", "Messages");
        List<List<String>> rows = new ArrayList<>();
        rows.add(
                List.of(
                        status.path("since_start").asBoolean()
                                ? "figures since the worker started"
                                : "figures of the last",
                        time(status.path("window_seconds"))));
        rows.add(List.of("images a second", rate(status.path("images_per_second"))));
        rows.add(List.of("received a second", rate(messages.path("received_per_second"))));
        rows.add(
                List.of(
                        "in flight",
                        "%s of %s"
                                .formatted(text(messages, "in_flight"), text(messages, "limit"))));
        rows.add(List.of("permits taken", text(messages, "permits")));
        rows.add(List.of("age when received, median", time(messages.at("/age/p50_seconds"))));
        JsonNode waits = status.path("waits");
        rows.add(List.of("wait for an image host", text(waits, "image_hosts")));
        rows.add(List.of("wait for a callback host that is down", text(waits, "callback_hosts")));
        rows.add(List.of("wait for the queue to take their outcome", text(waits, "queue")));
        JsonNode callers = status.path("callers");
        if (!callers.isMissingNode()) {
            rows.add(List.of("callers a second", rate(callers.path("per_second"))));
            rows.add(List.of("images of callers", text(callers, "images")));
        }
        table(List.of(), rows);
    }

    private void stages(JsonNode status) {
        element("h2", "The path");
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode stage : status.path("stages")) {
            rows.add(
                    List.of(
                            text(stage, "name"),
                            text(stage, "task"),
                            rate(stage.path("per_second")),
                            time(stage.path("p50_seconds")),
                            time(stage.path("p99_seconds")),
                            percent(stage.path("busy"))));
        }
        table(List.of("stage", "task", "a second", "median", "99 of 100", "busy"), rows);
    }

    private void batches(JsonNode models) {
        element("h2", "Batches");
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode model : models) {
            List<String> sizes = new ArrayList<>();
            for (JsonNode size : model.at("/batches/sizes")) {
                if (size.path("share").asDouble() > 0) {
                    sizes.add(text(size, "rows") + ": " + percent(size.path("share")));
                }
            }
            rows.add(
                    List.of(
                            text(model, "task"),
                            "%s of %s"
                                    .formatted(
                                            text(model.path("ring"), "occupied"),
                                            text(model.path("ring"), "size")),
                            rate(model.at("/batches/per_second")),
                            rate(model.at("/batches/mean")),
                            String.join(", ", sizes)));
        }
        table(List.of("task", "rows of the ring", "a second", "mean size", "sizes"), rows);
    }

    private void errors(JsonNode status) {
        element("h2", "Last errors");
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode error : status.path("errors")) {
            JsonNode last = error.path("last");
            rows.add(
                    List.of(
                            text(error, "kind"),
                            text(error, "count"),
                            text(error, "tried_again"),
                            text(last, "time"),
                            text(last, "host"),
                            text(last, "message")));
        }
        if (rows.isEmpty()) {
            element("p", "There has been none since the worker started.");
        } else {
            table(List.of("kind", "ended", "tried again", "last", "host", "message"), rows);
        }
    }

    private void machine(JsonNode status) {
        JsonNode worker = status.path("worker");
        element("h2", "Models and device");
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode model : status.path("models")) {
            rows.add(
                    List.of(
                            "task " + text(model, "task"),
                            "%s, version %s, %s, batches of 1 to %s"
                                    .formatted(
                                            text(model, "model"),
                                            text(model, "version"),
                                            text(model, "engine"),
                                            text(model, "max_batch"))));
        }
        rows.add(List.of("device", text(worker, "device")));
        rows.add(List.of("build", text(worker, "version") + ", Java " + text(worker, "java")));
        rows.add(List.of("started", text(worker, "started")));
        rows.add(List.of("CPU", percent(status.path("cpu_share"))));
        rows.add(
                List.of(
                        "memory",
                        "%s of %s"
                                .formatted(
                                        bytes(worker.path("memory_bytes")),
                                        bytes(worker.path("memory_limit_bytes")))));
        table(List.of(), rows);
    }

    private void table(List<String> heads, List<List<String>> rows) {
        html.append("<table>");
        if (!heads.isEmpty()) {
            html.append("<thead><tr>");
            heads.forEach(head -> cell("th scope=\"col\"", "th", head));
            html.append("</tr></thead>");
        }
        html.append("<tbody>");
        for (List<String> row : rows) {
            html.append("<tr>");
            cell("th scope=\"row\"", "th", row.getFirst());
            row.stream().skip(1).forEach(text -> cell("td", "td", text));
            html.append("</tr>");
        }
        html.append("</tbody></table>");
    }

    private void element(String tag, String text) {
        cell(tag, tag, text);
    }

    private void cell(String begin, String end, String text) {
        html.append('<').append(begin).append('>').append(escaped(text));
        html.append("</").append(end).append('>');
    }

    static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }

    private static String text(JsonNode node, String name) {
        return node.path(name).asText();
    }

    private static String rate(JsonNode number) {
        return number.isNumber() ? format("%,.1f", number.asDouble()) : NONE;
    }

    private static String percent(JsonNode share) {
        return share.isNumber() ? format("%.0f %%", 100 * share.asDouble()) : NONE;
    }

    private static String time(JsonNode seconds) {
        if (!seconds.isNumber()) {
            return NONE;
        }
        double value = seconds.asDouble();
        return value < 1 ? format("%.1f ms", 1000 * value) : format("%,.1f s", value);
    }

    private static String bytes(JsonNode bytes) {
        return bytes.isNumber() ? format("%,.0f MiB", bytes.asDouble() / (1 << 20)) : NONE;
    }

    private static String format(String how, double value) {
        return String.format(Locale.ROOT, how, value);
    }
}
