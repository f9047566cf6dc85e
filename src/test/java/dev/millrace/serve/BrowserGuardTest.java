package dev.millrace.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which hosts and origins a port knows. */
class BrowserGuardTest {
    private static boolean isRefused(BrowserGuard guard, String method, String headers) {
        Map<String, String> given = new HashMap<>();
        for (String header : headers.isEmpty() ? new String[0] : headers.split("\\|")) {
            String[] parts = header.split("=", 2);
            given.put(parts[0], parts[1]);
        }
        return guard.refusal(method, "/metrics", name -> Optional.ofNullable(given.get(name)))
                .isPresent();
    }

    private static BrowserGuard guard(boolean tls, String... hosts) {
        return new BrowserGuard("serve.allowedHosts", "worker.internal", List.of(hosts), tls);
    }

    @ParameterizedTest
    @CsvSource({
        "Host=worker.internal:8000, false",
        "Host=WORKER.internal, false",
        "Host=photos.example.com, false",
        "Host=photos.example.com.:443, false",
        "Host=a.svc.example, false",
        "Host=10.0.0.1:9400, false",
        "Host=[fd00::1]:9400, false",
        "Host=localhost, false",
        "Host=a.localhost:1, false",
        "'', false",
        "Host=, true",
        "Host=svc.example, true",
        "Host=example.com, true",
        "Host=localhost.example.com, true",
        "Host=10.0.0.1.example.com, true",
        "Host=localhost@example.com, true",
        "Host=localhost:1:2, true",
        "'Host=localhost, evil.example', true",
        "Host=localhost:8000|Origin=http://localhost:8000, false",
        "Host=photos.example.com|Origin=https://photos.example.com, false",
        "Host=photos.example.com|Origin=https://photos.example.com:443, false",
        "Host=photos.example.com:80|Origin=http://photos.example.com, false",
        "Host=127.0.0.1:8000|Origin=https://photos.example.com, false",
        "Host=localhost:8000|Origin=http://localhost:3000, true",
        "Host=localhost:8000|Origin=http://127.0.0.1:8000, true",
        "Host=localhost:8000|Origin=http://localhost, true",
        "Host=localhost:8000|Origin=http://localhost:8000.evil.example, true",
        "Host=localhost|Origin=null, true",
        "Host=localhost|Origin=, true",
        "Host=localhost|Origin=file://, true",
        "Host=localhost|Origin=chrome-extension://localhost, true",
        "Origin=http://evil.example, true",
        "Host=localhost|Sec-Fetch-Site=none, false",
        "Host=localhost|Sec-Fetch-Site=same-origin, false",
        "Host=localhost|Sec-Fetch-Site=same-site, true",
        "Host=localhost|Sec-Fetch-Site=cross-site|Sec-Fetch-Mode=no-cors|Sec-Fetch-Dest=image, true",
        "Host=localhost|Sec-Fetch-Site=cross-site|Sec-Fetch-Mode=navigate|Sec-Fetch-Dest=iframe, true",
    })
    void judges(String headers, boolean refused) {
        assertEquals(
                refused,
                isRefused(guard(false, "photos.example.com", "*.svc.example"), "GET", headers));
    }

    @Test
    void anyHostStillMeansNoForeignOrigin() {
        BrowserGuard any = guard(false, "*");
        assertTrue(!isRefused(any, "GET", "Host=whatever.example"));
        assertTrue(isRefused(any, "GET", "Host=whatever.example|Origin=http://evil.example"));
    }

    @Test
    void aPortWithTlsHasNoOriginWithout() {
        assertTrue(isRefused(guard(true), "POST", "Host=localhost|Origin=http://localhost"));
        assertTrue(!isRefused(guard(true), "POST", "Host=localhost|Origin=https://localhost"));
    }

    @Test
    void aMistakeInTheListNamesTheKey() {
        String line =
                assertThrows(IllegalArgumentException.class, () -> guard(false, "http://a/"))
                        .getMessage();
        assertTrue(line.startsWith("serve.allowedHosts: 'http://a/' is not a host"), line);
    }
}
