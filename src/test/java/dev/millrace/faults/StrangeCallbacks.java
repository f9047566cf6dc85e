package dev.millrace.faults;

import static dev.millrace.faults.StrangeHosts.endless;
import static dev.millrace.faults.StrangeHosts.write;

import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.Loopback;
import java.io.IOException;
import java.util.List;

/** Callback hosts that take no result. */
final class StrangeCallbacks {
    private StrangeCallbacks() {}

    static List<Stranger> all() {
        return List.of(
                Stranger.of(
                        "callbacks that are refused, and hosts that are not there",
                        StrangeCallbacks::refused,
                        new Change(
                                "job/HostLog.java",
                                "credit -= ofHost.warn(line, nowNs, credit >= 1) ? 1 : 0;",
                                "")),
                Stranger.of(
                        "callback hosts that answer without end, and stay dead",
                        StrangeCallbacks::endlessly,
                        new Change(
                                "deliver/CallbackHosts.java",
                                "return held.get() > few && sinceNs > SILENCE_NS && !isTakerUp(sinceNs);",
                                "return held.get() > 0 && sinceNs > SILENCE_NS;"),
                        new Change(
                                "worker/WorkerParts.java",
                                "admission.bound().besides(callbacks::held);",
                                "")),
                Stranger.of("a Retry-After of any size", StrangeCallbacks::later));
    }

    private static void refused(StrangerScene scene) throws Exception {
        List<String> signs =
                List.of("status 401", "status 404", "status 500", "127.0.2.1", "nobody.invalid");
        List<String> sinks =
                List.of(
                        answering(scene, "401 No", ""),
                        answering(scene, "404 No", ""),
                        answering(scene, "500 No", ""),
                        "http://127.0.2.1:1/",
                        "http://nobody.invalid/");
        for (String sink : sinks) {
            scene.send(StrangerScene.body("refused", scene.photo(), sink, ""));
        }
        scene.then(
                () -> {
                    for (String sign : signs) {
                        Loopback.awaitUntil(
                                () -> isSaid(scene, sign), 10, () -> "no line says " + sign);
                    }
                    // A line comes with the first attempt, the count with the last.
                    Loopback.awaitUntil(
                            () -> failed(scene) >= signs.size(),
                            10,
                            () -> failed(scene) + " failures counted");
                });
    }

    private static double failed(StrangerScene scene) {
        return scene.metric("millrace_failures_total{kind=\"callback_failed\"}").orElse(0);
    }

    private static boolean isSaid(StrangerScene scene, String sign) {
        return scene.worker
                .output()
                .lines()
                .anyMatch(
                        line ->
                                line.contains("WARN")
                                        && line.contains(sign)
                                        && line.contains("receive "));
    }

    /** Enough of each that its breaker opens and its messages are held. */
    private static void endlessly(StrangerScene scene) throws Exception {
        String ok = "HTTP/1.1 200 OK\r\n";
        List<String> sinks =
                List.of(
                        scene.host((_, out) -> endless(out, ok, "X: " + "h".repeat(999) + "\r\n")),
                        scene.host((_, out) -> endless(out, "", "HTTP/1.1 100 Continue\r\n\r\n")),
                        "http://127.0.2.2:1/");
        for (int i = 0; i < 60; i++) {
            // Most to the host that refuses at once: the others take their time.
            String sink = sinks.get(i < 2 * sinks.size() ? i % sinks.size() : 2);
            scene.send(StrangerScene.body("endless" + i, scene.photo(), sink, ""));
        }
        Loopback.awaitUntil(
                () -> scene.metric("millrace_callbacks_held").orElse(0) > 0,
                20,
                () -> "no message is held");
        // A lull, in which nobody takes a result.
        Thread.sleep(1500);
    }

    private static void later(StrangerScene scene) throws IOException {
        for (String after :
                List.of(
                        "1e99",
                        "99999999999999999999",
                        "-5",
                        "Fri, 31 Dec 9999 23:59:59 GMT",
                        "Thu, 99 Foo 2026",
                        "9223372036854775807")) {
            String sink = answering(scene, "503 Later", "Retry-After: " + after + "\r\n");
            scene.send(StrangerScene.body("later", scene.photo(), sink, ""));
        }
    }

    private static String answering(StrangerScene scene, String status, String header)
            throws IOException {
        String answer = "HTTP/1.1 " + status + "\r\n" + header + "Content-Length: 0\r\n\r\n";
        return scene.host((_, out) -> write(out, answer));
    }
}
