package dev.millrace.faults;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.ProcessStatus;
import dev.millrace.testing.RawServer;
import dev.millrace.testing.WebpBombs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Images and the hosts that send them. */
final class StrangeHosts {
    private static final String OK = "HTTP/1.1 200 OK\r\n";

    /** Beyond what a worker of this size moves by in its first minutes. */
    private static final long GROWTH = 400L << 20;

    private StrangeHosts() {}

    static List<Stranger> all() {
        return List.of(
                Stranger.of(
                        "a WebP with 65,536 groups of prefix codes",
                        StrangeHosts::groups,
                        new Change(
                                "image/LosslessWebp.java",
                                "static final int MAX_GROUPS = 4096;",
                                "static final int MAX_GROUPS = 1 << 20;"),
                        new Change(
                                "image/LosslessWebp.java",
                                "bytes += groups * (GROUP_BYTES + ENTRY_BYTES * TABLE_ENTRIES[cacheBits]);",
                                "")),
                Stranger.of("an image host that sends headers without end", StrangeHosts::headers),
                Stranger.of(
                        "an image host that says 100 or 103 without end", StrangeHosts::interim),
                Stranger.of("lengths that are wrong, negative or endless", StrangeHosts::lengths),
                Stranger.of("answers that are no HTTP, and circles", StrangeHosts::noHttp),
                Stranger.of("a compressed body of 256 MB in 256 kB", StrangeHosts::compressed),
                Stranger.of("thirty images that drip", StrangeHosts::drips));
    }

    private static void groups(StrangerScene scene) throws IOException {
        byte[] lossless = WebpBombs.lossless(1024, 1024, 2, 65_536, 11);
        byte[] opacity = WebpBombs.opacity(1024, 1024, 2, 65_536, 11);
        ProcessStatus.resetPeak(scene.worker.pid());
        long before = ProcessStatus.resident(scene.worker.pid());
        for (int i = 0; i < 2; i++) {
            scene.request("vp8l" + i, scene.images.body("l.webp", lossless), "image_too_large");
            scene.request("alph" + i, scene.images.body("a.webp", opacity), "image_too_large");
        }
        scene.then(
                () -> {
                    long growth = ProcessStatus.peak(scene.worker.pid()) - before;
                    StrangerScene.require(growth < GROWTH, (growth >> 20) + " MiB more resident");
                });
    }

    private static void headers(StrangerScene scene) throws IOException {
        scene.retried("headers", scene.host((_, out) -> endless(out, OK, "X-H: 1\r\n")));
        scene.retried("long", scene.host((_, out) -> endless(out, OK + "X: ", "h".repeat(1000))));
    }

    private static void interim(StrangerScene scene) throws IOException {
        for (String status : List.of("100 Continue", "103 Early Hints")) {
            scene.retried(
                    status,
                    scene.host((_, out) -> endless(out, "", "HTTP/1.1 " + status + "\r\n\r\n")));
        }
    }

    private static void lengths(StrangerScene scene) throws IOException {
        for (String length :
                List.of(
                        "Content-Length: -1",
                        "Content-Length: 99999999999999999999",
                        "Content-Length: 9223372036854775807",
                        "Content-Length: 10\r\nContent-Length: 20",
                        "Content-Length: 0x10",
                        "Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff",
                        "Transfer-Encoding: chunked\r\n\r\n-1",
                        "Transfer-Encoding: chunked\r\n\r\n1;" + "e".repeat(300_000))) {
            scene.retried("length", answering(scene, OK + length + "\r\n\r\nabc"));
        }
    }

    private static void noHttp(StrangerScene scene) throws IOException {
        for (String answer :
                List.of(
                        "\0\1\2\3\n\n",
                        "",
                        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                        "HTTP/1.1 99999 Odd\r\n\r\n",
                        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
                        "HTTP/1.1 407 Proxy\r\nProxy-Authenticate: Basic\r\n\r\n")) {
            scene.retried("odd", answering(scene, answer));
        }
        scene.retried("circle", scene.host((_, out) -> out.write(RawServer.redirect("/"))));
        String where = "http://\0/" + "a".repeat(20_000);
        scene.retried("where", scene.host((_, out) -> out.write(RawServer.redirect(where))));
    }

    private static void compressed(StrangerScene scene) throws IOException {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(bomb)) {
            byte[] blanks = new byte[1 << 20];
            for (int i = 0; i < 256; i++) {
                zip.write(blanks);
            }
        }
        String head = OK + "Content-Encoding: gzip\r\nContent-Length: " + bomb.size() + "\r\n\r\n";
        scene.retried(
                "gzip",
                scene.host(
                        (_, out) -> {
                            write(out, head);
                            bomb.writeTo(out);
                        }));
    }

    private static void drips(StrangerScene scene) throws IOException {
        String host =
                scene.host(
                        (_, out) -> {
                            write(out, OK + "Content-Length: 100000\r\n\r\n");
                            while (true) {
                                write(out, "x");
                                Thread.sleep(50);
                            }
                        });
        for (int i = 0; i < 30; i++) {
            scene.retried("drip" + i, host + i);
        }
    }

    private static String answering(StrangerScene scene, String answer) throws IOException {
        return scene.host((_, out) -> write(out, answer));
    }

    /** Until the client hangs up. */
    static void endless(OutputStream out, String first, String again) throws IOException {
        write(out, first);
        while (true) {
            write(out, again);
        }
    }

    static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(ISO_8859_1));
        out.flush();
    }
}
