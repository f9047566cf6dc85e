package dev.millrace.lab.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;

/** The image hosts of the bench: an address each, by https with a certificate that holds. */
class LoopbackServersTest {
    private static final byte[] IMAGE = {1, 2, 3};

    private static ImageHost host(boolean closes) {
        return new ImageHost(List.of(IMAGE), Duration.ZERO, Duration.ZERO, closes, 1);
    }

    @Test
    void eachHostHasAnAddressOfItsOwn() throws Exception {
        try (LoopbackServers servers = new LoopbackServers(Optional.empty())) {
            for (int number = 1; number <= 3; number++) {
                URI origin = URI.create(servers.open(number, handlers(host(false))));
                assertEquals("127.0.0." + number, origin.getHost());
                HttpURLConnection call = call(origin);
                assertArrayEquals(IMAGE, call.getInputStream().readAllBytes());
                assertEquals(null, call.getHeaderField("Connection"));
            }
        }
    }

    @Test
    void aHostMayCloseTheConnectionAfterEachImage() throws Exception {
        try (LoopbackServers servers = new LoopbackServers(Optional.empty())) {
            HttpURLConnection call = call(URI.create(servers.open(1, handlers(host(true)))));
            assertArrayEquals(IMAGE, call.getInputStream().readAllBytes());
            assertEquals("close", call.getHeaderField("Connection"));
        }
    }

    @Test
    void theCertificateHoldsForEachAddressAndForWhoTrustsItAlone() throws Exception {
        Path store;
        try (LoopbackCertificate certificate = new LoopbackCertificate(2);
                LoopbackServers servers = new LoopbackServers(Optional.of(certificate))) {
            store = Path.of(value(certificate.clientFlags().get(0)));
            String password = value(certificate.clientFlags().get(1));
            SSLContext trusting = trusting(store, password);
            for (int number = 1; number <= 2; number++) {
                URI origin = URI.create(servers.open(number, handlers(host(false))));
                assertEquals("https", origin.getScheme());
                HttpsURLConnection call = (HttpsURLConnection) call(origin);
                call.setSSLSocketFactory(trusting.getSocketFactory());
                assertArrayEquals(IMAGE, call.getInputStream().readAllBytes());
                assertEquals(3, call.getServerCertificates().length, "the host's and two above");
                assertThrows(SSLHandshakeException.class, () -> call(origin).getInputStream());
            }
            HttpsURLConnection other =
                    (HttpsURLConnection) call(URI.create(servers.open(3, handlers(host(false)))));
            other.setSSLSocketFactory(trusting.getSocketFactory());
            assertThrows(SSLHandshakeException.class, other::getInputStream);
        }
        assertFalse(Files.exists(store.getParent()), "the folder is left");
    }

    private static Map<String, com.sun.net.httpserver.HttpHandler> handlers(ImageHost host) {
        return Map.of(ImageHost.PATH, host::serve);
    }

    private static HttpURLConnection call(URI origin) throws Exception {
        return (HttpURLConnection) origin.resolve(ImageHost.PATH + "0").toURL().openConnection();
    }

    private static String value(String flag) {
        return flag.substring(flag.indexOf('=') + 1);
    }

    private static SSLContext trusting(Path store, String password) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            trusted.load(in, password.toCharArray());
        }
        TrustManagerFactory managers =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }
}
