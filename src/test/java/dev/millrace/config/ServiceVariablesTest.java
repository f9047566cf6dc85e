package dev.millrace.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.ServiceLinks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceVariablesTest {
    private static final Pattern KEY = Pattern.compile("(?m)^\\| `([a-z][A-Za-z0-9.\\[\\]]*)` \\|");

    @ParameterizedTest
    @CsvSource({
        "millrace, 10.3.0.1",
        "millrace-callers, 10.3.0.2",
        "millrace-queue, fd00::1",
        "millrace-http, 10.3.0.3",
        "millrace-serve-port, 10.3.0.4"
    })
    void noneOfAServiceIsLeft(String service, String address) {
        Map<String, String> links =
                ServiceLinks.of(service, address, Map.of("metrics", 9400, "http-2", 8000));
        assertEquals(13, links.size(), links::toString);
        assertEquals(Map.of(), ServiceVariables.without(links));
    }

    /** Numbers, words and addresses are what keys are set to; a service's URL is none of them. */
    @Test
    void aKeyIsNeverTakenForAService() throws IOException {
        List<String> keys =
                KEY.matcher(Files.readString(Path.of("docs", "configuration.md")))
                        .results()
                        .map(found -> found.group(1))
                        .toList();
        assertTrue(keys.containsAll(List.of("http.port", "serve.port")), keys::toString);
        assertTrue(keys.size() > 60, keys::toString);
        for (String key : keys) {
            for (String value : List.of("9400", "tcp", "10.3.0.1", "http://10.3.0.1:9400")) {
                Map<String, String> set = Map.of(variable(key), value);
                assertEquals(set, ServiceVariables.without(set));
            }
        }
    }

    private static String variable(String key) {
        return "MILLRACE_"
                + key.replace("[]", "[0]")
                        .replaceAll("([a-z])([A-Z])", "$1_$2")
                        .replaceAll("[.\\[\\]]+", "_")
                        .toUpperCase(Locale.ROOT);
    }

    /** Their names are the user's own. */
    @Test
    void aHeaderOfCallbacksIsNeverTakenForAService() {
        Map<String, String> headers =
                Map.of(
                        "MILLRACE_CALLBACK_HEADERS_X_SERVICE_HOST", "10.3.0.1",
                        "MILLRACE_CALLBACK_HEADERS_X_SERVICE_PORT", "9400",
                        "MILLRACE_CALLBACK_HEADERS_X_PORT", "tcp://10.3.0.1:9400");
        assertEquals(headers, ServiceVariables.without(headers));
    }
}
