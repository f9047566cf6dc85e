package dev.millrace.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One tab of a headless Chromium, driven by the DevTools protocol over the JDK's web socket. It
 * keeps what the page asked for and what went wrong there. One thread drives it; its answers arrive
 * on threads of the client. Nothing waits for longer than {@value #SECONDS} seconds.
 */
public final class Chromium implements AutoCloseable {
    private static final int SECONDS = 60;
    private static final int END_SECONDS = 20;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern LISTENING = Pattern.compile("DevTools listening on (ws://\\S+)");
    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

    private final Path folder;
    private final Process process;
    private final HttpClient client = HttpClient.newHttpClient();
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> calls = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private WebSocket socket;
    private String session;

    private Chromium(Path program, Path folder) throws IOException {
        this.folder = folder;
        ProcessBuilder builder =
                new ProcessBuilder(
                                program.toString(),
                                "--headless=new",
                                "--remote-debugging-port=0",
                                "--user-data-dir=" + folder.resolve("profile"),
                                // Of a test's own page; a container has no room for a sandbox.
                                "--no-sandbox",
                                "--disable-dev-shm-usage",
                                "--disable-gpu",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--no-first-run",
                                "--no-proxy-server",
                                "--hide-scrollbars",
                                "about:blank")
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("said").toFile());
        builder.environment()
                .put("TMPDIR", Files.createDirectories(folder.resolve("tmp")).toString());
        this.process = builder.start();
    }

    /** The browser of this machine, if it has one. */
    public static Optional<Path> program() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .flatMap(place -> NAMES.stream().map(name -> Path.of(place, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * @param folder for its profile; it is not removed
     */
    public static Chromium start(Path program, Path folder) throws Exception {
        Chromium browser = new Chromium(program, Files.createDirectories(folder));
        try {
            browser.connect();
            return browser;
        } catch (Exception | Error e) {
            browser.close();
            throw e;
        }
    }

    private void connect() throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        Matcher listening = LISTENING.matcher(said());
        while (!listening.find()) {
            if (System.nanoTime() > end || !process.isAlive()) {
                throw new AssertionError("Chromium does not listen; it has said: " + said());
            }
            Thread.sleep(50);
            listening = LISTENING.matcher(said());
        }
        socket =
                client.newWebSocketBuilder()
                        .connectTimeout(Duration.ofSeconds(SECONDS))
                        .buildAsync(URI.create(listening.group(1)), new Listener())
                        .get(SECONDS, TimeUnit.SECONDS);
        String target =
                call("Target.createTarget", Map.of("url", "about:blank")).path("targetId").asText();
        session =
                call("Target.attachToTarget", Map.of("targetId", target, "flatten", true))
                        .path("sessionId")
                        .asText();
        for (String domain : List.of("Page", "DOM", "Runtime", "Log", "Network", "Audits")) {
            call(domain + ".enable", Map.of());
        }
    }

    private String said() throws IOException {
        return Files.readString(folder.resolve("said"));
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                take(text.toString());
                text.setLength(0);
            }
            from.request(1);
            return null;
        }
    }

    private void take(String text) {
        JsonNode message;
        try {
            message = JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (message.has("id")) {
            calls.remove(message.get("id").asInt()).complete(message);
            return;
        }
        JsonNode about = message.path("params");
        switch (message.path("method").asText()) {
            case "Network.requestWillBeSent" -> requests.add(about.at("/request/url").asText());
            case "Runtime.exceptionThrown", "Audits.issueAdded" -> complaints.add(about.toString());
            case "Runtime.consoleAPICalled" -> {
                if (List.of("error", "warning", "assert").contains(about.path("type").asText())) {
                    complaints.add(about.toString());
                }
            }
            case "Log.entryAdded" -> {
                if (List.of("error", "warning").contains(about.at("/entry/level").asText())) {
                    complaints.add(about.toString());
                }
            }
            default -> {}
        }
    }

    /** A command of the protocol. */
    public JsonNode call(String method, Map<String, ?> parameters) throws Exception {
        int id = ids.incrementAndGet();
        ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
        message.set("params", JSON.valueToTree(parameters));
        if (session != null) {
            message.put("sessionId", session);
        }
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        calls.put(id, answer);
        socket.sendText(message.toString(), true).get(SECONDS, TimeUnit.SECONDS);
        JsonNode result = answer.get(SECONDS, TimeUnit.SECONDS);
        if (result.has("error")) {
            throw new AssertionError(method + ": " + result.get("error"));
        }
        return result.path("result");
    }

    /** What the page's script says to an expression, or to a promise of one. */
    public JsonNode evaluate(String expression) throws Exception {
        JsonNode answer =
                call(
                        "Runtime.evaluate",
                        Map.of(
                                "expression",
                                expression,
                                "returnByValue",
                                true,
                                "awaitPromise",
                                true,
                                "userGesture",
                                true));
        if (answer.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + answer.get("exceptionDetails"));
        }
        return answer.at("/result/value");
    }

    /** Waits until an expression is true. */
    public void await(String expression) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!evaluate("Boolean(" + expression + ")").asBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError(
                        "is not true: "
                                + expression
                                + "\nthe page says: "
                                + evaluate("document.body.innerText")
                                + "\n"
                                + complaints);
            }
            Thread.sleep(50);
        }
    }

    public void open(String url) throws Exception {
        requests.clear();
        complaints.clear();
        call("Page.navigate", Map.of("url", url));
        await("document.readyState === 'complete' && location.href.startsWith('" + url + "')");
    }

    /** Puts a file into a field for files, as a user does who chooses one. */
    public void choose(String selector, Path file) throws Exception {
        int root = call("DOM.getDocument", Map.of()).at("/root/nodeId").asInt();
        int field =
                call("DOM.querySelector", Map.of("nodeId", root, "selector", selector))
                        .path("nodeId")
                        .asInt();
        call(
                "DOM.setFileInputFiles",
                Map.of("nodeId", field, "files", List.of(file.toAbsolutePath().toString())));
    }

    /**
     * Presses a key and lets it go.
     *
     * @param text that it stands for, else empty
     */
    public void press(String key, int code, String text) throws Exception {
        for (String type : List.of("keyDown", "keyUp")) {
            call(
                    "Input.dispatchKeyEvent",
                    Map.of(
                            "type",
                            type,
                            "key",
                            key,
                            "code",
                            key,
                            "windowsVirtualKeyCode",
                            code,
                            "text",
                            type.equals("keyDown") ? text : ""));
        }
    }

    public void type(String text) throws Exception {
        call("Input.insertText", Map.of("text", text));
    }

    public void look(String scheme, int width, int height) throws Exception {
        call(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of(
                        "width",
                        width,
                        "height",
                        height,
                        "deviceScaleFactor",
                        1,
                        "mobile",
                        width < 600));
    }

    /** What is seen now, as a PNG. */
    public void screenshot(Path file) throws Exception {
        JsonNode picture = call("Page.captureScreenshot", Map.of("format", "png"));
        Files.createDirectories(file.getParent());
        Files.write(file, Base64.getDecoder().decode(picture.path("data").asText()));
    }

    /** The addresses that were asked for since the page was opened, but for those of blobs. */
    public List<String> requests() {
        return requests.stream().filter(url -> !url.matches("(blob|data):.*")).toList();
    }

    /** Errors and warnings of the console, exceptions, and breaches of the page's policy. */
    public List<String> complaints() {
        return new ArrayList<>(complaints);
    }

    /** Asks it to end, since it then tidies up, and sees to it where it does not. */
    @Override
    public void close() {
        List<ProcessHandle> children = process.descendants().toList();
        try {
            if (socket != null) {
                session = null;
                call("Browser.close", Map.of());
            }
            process.waitFor(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception | AssertionError e) {
            // It does not end by itself, so it is ended below.
        } finally {
            client.shutdownNow();
            children.forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
