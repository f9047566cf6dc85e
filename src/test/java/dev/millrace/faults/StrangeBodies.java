package dev.millrace.faults;

import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.RawServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Messages: what whoever may write to the queue writes. */
final class StrangeBodies {
    /** Below what the queue server takes. */
    private static final int LARGE = 240 << 10;

    private static final String PARSER = "source/RequestParser.java";
    private static final String MAPPER = "com.fasterxml.jackson.databind.ObjectMapper()";

    /** A receiver that is not safe from what one message throws. */
    private static final Change EACH_ON_ITS_OWN =
            new Change(
                    "source/Intake.java",
                    "catch (RuntimeException | Error e) {\n            return refuse(",
                    "catch (IllegalMonitorStateException e) {\n            return refuse(");

    /** As it was: numbers are read, with all that may be in them. */
    static final Change NUMBERS_ARE_READ =
            new Change(
                    PARSER,
                    "return RequestFields.of(body, known);",
                    "new "
                            + MAPPER
                            + ".enable(com.fasterxml.jackson.databind"
                            + ".DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)"
                            + ".readTree(body);\n            return RequestFields.of(body, known);");

    static final Change ONLY_FAULTS_OF_JSON =
            new Change(
                    PARSER,
                    "catch (IOException | RuntimeException | StackOverflowError e)",
                    "catch (IOException e)");

    static final Change HALVES_ARE_READ =
            new Change(PARSER, "if (hasHalfPair(value.text())) {", "if (false) {");

    private StrangeBodies() {}

    static List<Stranger> all() {
        return List.of(
                Stranger.of(
                        "numbers with an exponent of eleven digits",
                        StrangeBodies::numbers,
                        NUMBERS_ARE_READ,
                        ONLY_FAULTS_OF_JSON,
                        EACH_ON_ITS_OWN),
                Stranger.of(
                        "sixty bodies of 240 kB of empty objects",
                        StrangeBodies::trees,
                        new Change(
                                "source/RequestFields.java",
                                "private static final JsonFactory JSON =",
                                "private static final java.util.Map<String, Object> TREES ="
                                        + " java.util.Collections.synchronizedMap("
                                        + "new java.util.WeakHashMap<>());\n\n"
                                        + "    private static final JsonFactory JSON ="),
                        // As long as its message, a tree is in memory.
                        new Change(
                                "source/RequestFields.java",
                                "return body.substring(value.from, value.to);",
                                "String text = body.substring(value.from, value.to);\n"
                                        + "        try { TREES.put(text, new "
                                        + MAPPER
                                        + ".readTree(text)); } catch (java.io.IOException e) {"
                                        + " throw new java.io.UncheckedIOException(e); }\n"
                                        + "        return text;"),
                        new Change(
                                "source/Intake.java",
                                "if (textBytes > LARGE_TEXT_BYTES) {",
                                "if (textBytes < 0) {")),
                Stranger.of(
                        "halves of characters, escaped", StrangeBodies::halves, HALVES_ARE_READ),
                Stranger.of(
                        "other encodings, controls, repeated and endless names",
                        StrangeBodies::noRequests),
                Stranger.of("envelopes that are deep, many or cut off", StrangeBodies::envelopes),
                Stranger.of("sixteen unknown tasks of 14 kB each", StrangeBodies::tasks),
                Stranger.of("URLs that are long, odd or lead nowhere", StrangeBodies::urls),
                Stranger.of(
                        "an id that would write log lines of its own",
                        scene ->
                                scene.request(
                                        "%n%s{}${jndi:ldap://127.0.0.1/}\u2028\u202e",
                                        scene.photo(), "")));
    }

    private static void numbers(StrangerScene scene) {
        scene.request("n1", scene.photo(), ",\"x\":1e99999999999", "");
        scene.request("n2", scene.photo(), ",\"metadata\":{\"x\":[-1e-99999999999]}", "");
        scene.request("n3", scene.photo(), ",\"x\":[1E+99999999999]", "");
        scene.malformed("{\"url\":1e99999999999}", "1e99999999999");
    }

    /** With images that come late, so that all are in the worker at a time. */
    private static void trees(StrangerScene scene) throws IOException {
        byte[] photo = RawServer.ok(scene.photoBytes());
        String late =
                scene.host(
                        (_, out) -> {
                            Thread.sleep(1200);
                            out.write(photo);
                        });
        for (int i = 0; i < 60; i++) {
            String tree = "[" + i + "," + "{},".repeat(LARGE / 3) + "{}]";
            scene.request("tree" + i, late, ",\"metadata\":" + tree, "");
        }
    }

    private static void halves(StrangerScene scene) {
        String sink = scene.ledger.sink();
        scene.malformed(
                StrangerScene.body("\\ud800", scene.photo(), sink, ""),
                StrangerScene.body("u", "http://\\ud800/", sink, ""),
                StrangerScene.body("u", scene.photo(), "http://\\udfff/", ""));
        scene.request("half", scene.photo(), ",\"metadata\":\"\\udc00\"", "");
    }

    private static void noRequests(StrangerScene scene) {
        scene.malformed(
                "\ufeff" + StrangerScene.body("bom", scene.photo(), scene.ledger.sink(), ""),
                "\ufffd\ufffd\ufffd",
                "{\"url\":\"a\",\"url\":\"b\"}",
                "{" + "\"a\":1,".repeat(30_000) + "\"a\":1}",
                "{\"" + "k".repeat(LARGE) + "\":1}",
                "\"" + "s".repeat(LARGE) + "\"",
                "9".repeat(LARGE),
                "{\"x\":" + "9".repeat(LARGE) + "}",
                "{\"x\":0." + "0".repeat(LARGE) + "1}",
                "[".repeat(LARGE),
                "{\"metadata\":" + "{\"a\":".repeat(30_000));
    }

    private static void envelopes(StrangerScene scene) {
        String record =
                "{\"eventSource\":\"aws:s3\",\"eventName\":\"ObjectCreated:Put\",\"s3\":{}}";
        String deep = "{\"specversion\":\"1\",\"data\":";
        scene.malformed(
                "{\"Records\":[" + (record + ",").repeat(LARGE / 100) + record + "]}",
                "{\"Records\":[" + "[],".repeat(900) + "[]]}",
                deep.repeat(10) + "{}" + "}".repeat(10),
                deep.repeat(8_000),
                "{\"Type\":\"Notification\",\"TopicArn\":\"t\",\"Message\":\""
                        + "[".repeat(LARGE)
                        + "\"}",
                "{\"Type\":\"Notification\",\"TopicArn\":\"t\",\"Message\":\"\\ud800\"}",
                "{\"source\":\"aws.s3\",\"detail-type\":\"Object Created\",\"detail\":{\"bucket\":{\"name\":\"abc\"},\"object\":{\"key\":\"k\",\"size\":1e99999999999}}}");
    }

    private static void tasks(StrangerScene scene) {
        List<String> tasks = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            tasks.add('"' + "t".repeat(14 << 10) + i + '"');
        }
        scene.expect("tasks", "unknown_task");
        scene.send(
                "{\"id\":\"tasks\",\"url\":\"%s\",\"tasks\":%s,\"callback_url\":\"%s\"}"
                        .formatted(scene.photo(), tasks, scene.ledger.sink()));
    }

    private static void urls(StrangerScene scene) {
        String[] urls = {
            "http://images.test/" + "a".repeat(LARGE),
            "http://" + "a.".repeat(3000) + "test/",
            "http://[fe80::1%25lo]/",
            "http://127.0.0.1:99999/",
            "file:///etc/passwd",
            "jar:http://127.0.0.1!/x",
            "http://127.0.0.1 /"
        };
        for (int i = 0; i < urls.length; i++) {
            scene.request("url" + i, urls[i], "url_forbidden");
        }
        scene.retried("puny", "http://xn--" + "a".repeat(60) + ".test/");
    }
}
