package dev.millrace.lab.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.cli.Millrace;
import dev.millrace.lab.Laboratory;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user may get wrong about {@code bench} is answered before anything runs. */
class BenchMistakesTest {
    @ParameterizedTest
    @CsvSource({
        "--simulate=fast,  --simulate: 'fast': write A",
        "--tasks=nowhere,  --tasks: 'nowhere' is not a folder",
        "--measure=0s,     --measure: must be more than 0",
        "--progressive=1.5, --progressive: '1.5' must be from 0 to 1",
        "--images=0,       --images: '0' must be at least 1",
        "--hosts=0,        --hosts: '0' must be from 1 to 250",
        "--reuse=nothing,  --reuse: 'nothing' concerns TLS sessions",
        "--bucket --hosts=50, --bucket: a bucket is one host",
        "--queue-latency=5,  not a time; write it like 100ms",
        "--markdown=x.md,  --markdown: only --world has a table for it",
        "--receivers=0,  --receivers: '0' must be at least 1",
        "--backlog=0,  --backlog: '0' must be at least 1",
        "--large-share=2,  --large-share: the share must be from 0 to 1",
        "--json=docs,      --json: 'docs' is a folder",
        "--html=pom.xml/x.html, pom.xml' is not a folder and cannot be made",
        "--png=/proc/x/y.png, --png: '/proc/x' is not a folder",
        "--json=/proc/x.json, --json: '/proc/x.json' cannot be written; name another file",
        "--connections=257, --connections: '257' must be from 1 to 256",
        "--url=http://127.0.0.1:1/infer, --url: only --serve uses it",
        "--serve --url=https://x/infer, --url: 'https://x/infer' must be http://",
        "--serve --url=http://127.0.0.1:1/infer --images=1, does not answer a photo",
        "--serve --photos=docs --url=http://127.0.0.1:1/x, --photos: 'docs' has no images",
        "--rounds=0,       --rounds"
    })
    void aMistakeIsAnsweredByOneLine(String options, String words) {
        StringWriter said = new StringWriter();
        int code =
                Laboratory.commands()
                        .setErr(new PrintWriter(said, true))
                        .execute(("bench " + options).split(" "));
        assertEquals(Millrace.MISTAKE, code, said::toString);
        assertEquals(1, said.toString().lines().count(), said::toString);
        assertTrue(said.toString().contains(words), said::toString);
    }
}
