package dev.millrace.resource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.job.LimitedLog;
import org.junit.jupiter.api.Test;

class SafeTextTest {
    private static final String HOSTILE =
            "a\u001b[2J\u009b2J\u202eb\u2066\u200f\u061c\u2028\ud800c";

    @Test
    void nothingThatControlsATerminalIsLeft() throws Exception {
        String safe = SafeText.escaped(HOSTILE);
        assertEquals("a\\u001b[2J\\u009b2J\\u202eb\\u2066\\u200f\\u061c\\u2028\\ud800c", safe);
        assertEquals(HOSTILE, JsonMapper.builder().build().readTree('"' + safe + '"').textValue());
        String plain = "naïve 日本語 \ud83d\ude00\tand\nlines";
        assertSame(plain, SafeText.escaped(plain));
    }

    @Test
    void aReasonHasNoSuchCharacter() {
        String reason = LimitedLog.plain(HOSTILE);
        assertFalse(reason.codePoints().anyMatch(SafeText::isUnsafe), reason);
    }

    @Test
    void urlsLoseTheirSecrets() {
        assertEquals(
                "cannot reach https://…@queue.example/1?X-Amz-Signature=…&a=b, mail me@example.com",
                SafeText.withoutSecrets(
                        "cannot reach https://user:hunter2@queue.example/1?X-Amz-Signature=abcdef&a=b, mail me@example.com"));
    }
}
