package dev.millrace.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.testing.RawServer;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** A proxy that the JVM is told of sees no request, since it would ask for any address. */
@Isolated("every client of the process would take the proxy")
class ProxySettingsTest {
    @Test
    void takesNoProxyFromTheEnvironment() throws Exception {
        try (RawServer canary = new RawServer((_, out) -> out.write(RawServer.ok(new byte[] {1})));
                RawServer server =
                        new RawServer((_, out) -> out.write(RawServer.ok(new byte[] {1})));
                GuardedHttp http = http()) {
            System.setProperty("http.proxyHost", "127.0.0.1");
            System.setProperty("http.proxyPort", String.valueOf(canary.port()));
            HttpUrl url = HttpUrl.get("http://image.test:" + server.port() + "/");
            try (Response response =
                    http.newCall(new Request.Builder().url(url).build()).execute()) {
                assertEquals(200, response.code());
            } finally {
                System.clearProperty("http.proxyHost");
                System.clearProperty("http.proxyPort");
            }
            assertEquals(1, server.connections());
            assertEquals(0, canary.connections());
        }
    }

    private static GuardedHttp http() {
        UrlPolicy policy =
                new UrlPolicy(
                        new AddressRules(List.of(Cidr.parse("127.0.0.0/8"))),
                        Set.of(),
                        Optional.empty());
        HttpLimits limits =
                new HttpLimits(
                        Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(20), 4);
        return new GuardedHttp(policy, limits, _ -> List.of(InetAddress.ofLiteral("127.0.0.1")));
    }
}
