package dev.millrace.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.ConfigException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Callers over TLS, with the PEM files that certificate authorities hand out. */
class ServedOverTlsIT {
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir private Path folder;

    private static ServeSettings with(ServeSettings of, ServeSettings.Tls tls) {
        return new ServeSettings(
                of.port(),
                "localhost",
                of.allowedHosts(),
                of.share(),
                of.maxBody(),
                of.deadline(),
                of.minimumRate(),
                of.token(),
                Optional.of(tls));
    }

    private ServeSettings.Tls files(String algorithm) throws Exception {
        Path store = folder.resolve(algorithm + ".p12");
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        String options =
                "-genkeypair -alias tls -dname CN=localhost -validity 2 -keyalg "
                        + algorithm
                        + " -ext san=dns:localhost -storetype PKCS12 -storepass changeit -keystore ";
        Process process =
                new ProcessBuilder((keytool + " " + options + store).split(" "))
                        .redirectErrorStream(true)
                        .start();
        assertEquals(0, process.waitFor(), new String(process.getInputStream().readAllBytes()));
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD);
        Key key = keys.getKey("tls", PASSWORD);
        return new ServeSettings.Tls(
                pem("CERTIFICATE", keys.getCertificate("tls").getEncoded()),
                pem("PRIVATE KEY", key.getEncoded()));
    }

    private Path pem(String what, byte[] der) throws IOException {
        String text =
                "-----BEGIN %s-----\n%s\n-----END %1$s-----\n"
                        .formatted(what, Base64.getMimeEncoder().encodeToString(der));
        return Files.writeString(Files.createTempFile(folder, "tls", ".pem"), text);
    }

    private static HttpClient trusting(Path certificate) throws Exception {
        Certificate trusted =
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(Files.readAllBytes(certificate)));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("it", trusted);
        TrustManagerFactory managers =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(context)
                .build();
    }

    @Test
    void keysOfBothKindsServe() throws Exception {
        for (String algorithm : new String[] {"EC", "RSA"}) {
            ServeSettings.Tls tls = files(algorithm);
            try (CallerScene scene =
                            new CallerScene(of -> with(of, tls), CallerScene.config(64, "safety"));
                    HttpClient http = trusting(tls.certificate())) {
                URI at =
                        URI.create(
                                "https://localhost:%d/v2/models/safety/infer"
                                        .formatted(scene.at("/").getPort()));
                for (int i = 0; i < 3; i++) {
                    HttpResponse<byte[]> answer =
                            http.send(
                                    HttpRequest.newBuilder(at)
                                            .POST(
                                                    HttpRequest.BodyPublishers.ofByteArray(
                                                            CallerScene.photo()))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofByteArray());
                    assertEquals(200, answer.statusCode(), () -> new String(answer.body()));
                }
            }
        }
    }

    @Test
    void filesThatDoNotDoAreOneLine() throws Exception {
        ServeSettings.Tls good = files("EC");
        ServeSettings.Tls other = files("RSA");
        Path text = Files.writeString(folder.resolve("text.pem"), "hello\n");
        requireMistake(new ServeSettings.Tls(text, good.key()), "serve.tls.certificate: ");
        requireMistake(new ServeSettings.Tls(good.certificate(), text), "serve.tls.key: ");
        requireMistake(
                new ServeSettings.Tls(folder.resolve("none.pem"), good.key()),
                "serve.tls.certificate: ");
        requireMistake(new ServeSettings.Tls(good.certificate(), other.key()), "serve.tls: ");
    }

    private static void requireMistake(ServeSettings.Tls tls, String where) {
        String line =
                assertThrows(
                                ConfigException.class,
                                () ->
                                        new CallerScene(
                                                        of -> with(of, tls),
                                                        CallerScene.config(64, "safety"))
                                                .close())
                        .getMessage();
        assertTrue(line.startsWith(where) && line.lines().count() == 1, line);
    }

    @Test
    void aPortThatIsTakenIsOneLine() throws Exception {
        try (CallerScene scene = new CallerScene("safety")) {
            int port = scene.at("/").getPort();
            String line =
                    assertThrows(
                                    ConfigException.class,
                                    () ->
                                            new CallerScene(
                                                            of ->
                                                                    of.alone(
                                                                            port,
                                                                            ServeSettings.LOOPBACK),
                                                            CallerScene.config(64, "safety"))
                                                    .close())
                            .getMessage();
            assertTrue(line.startsWith("serve.port: " + port) && line.lines().count() == 1, line);
        }
    }
}
