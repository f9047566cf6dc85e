package dev.millrace.lab.bench;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A certificate for the addresses of this machine, made by the JDK's {@code keytool}, and the store
 * with which a worker trusts it. It has the chain that the web's have, so that a handshake costs
 * what it costs there: an RSA key, signed by an authority in between, signed by a root. Owns a
 * temporary folder.
 */
final class LoopbackCertificate implements AutoCloseable {
    /** Of files that live as long as the measurement and protect nothing. */
    private static final String PASSWORD = "millrace-bench";

    private static final String ROOT = "root";
    private static final String BETWEEN = "between";
    private static final String HOST = "host";

    private final Path folder;
    private final SSLContext context;

    /**
     * @param hosts addresses, from the first on
     */
    LoopbackCertificate(int hosts) throws IOException {
        folder = Files.createTempDirectory("millrace-bench-tls");
        try {
            generate(ROOT, "-ext", "bc:c");
            generate(BETWEEN, "-signer", ROOT, "-ext", "bc:c");
            String names =
                    IntStream.rangeClosed(1, hosts)
                            .mapToObj(number -> "ip:" + LoopbackServers.address(number))
                            .collect(joining(",", "san=", ""));
            generate(HOST, "-signer", BETWEEN, "-ext", names);
            KeyStore keys = read();
            trust(keys);
            context = context(keys);
        } catch (GeneralSecurityException e) {
            close();
            throw new IOException("the bench cannot use its certificate: " + e.getMessage(), e);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private Path keys() {
        return folder.resolve("keys.p12");
    }

    private Path trusted() {
        return folder.resolve("trusted.p12");
    }

    private void generate(String name, String... more) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of("-genkeypair", "-keystore", keys().toString()));
        command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
        command.addAll(List.of("-alias", name, "-dname", "CN=millrace bench " + name));
        command.addAll(List.of("-keyalg", "RSA", "-keysize", "2048", "-validity", "2"));
        command.addAll(List.of(more));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        keytool.getOutputStream().close();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (keytool.waitFor() != 0) {
                throw new IOException("keytool made no certificate: " + said.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while keytool ran", e);
        }
    }

    private KeyStore read() throws GeneralSecurityException, IOException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys())) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return keys;
    }

    /** Of the root alone, so that the others are verified. */
    private void trust(KeyStore keys) throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(ROOT, keys.getCertificate(ROOT));
        try (OutputStream out = Files.newOutputStream(trusted())) {
            trusted.store(out, PASSWORD.toCharArray());
        }
        keys.deleteEntry(ROOT);
        keys.deleteEntry(BETWEEN);
    }

    private static SSLContext context(KeyStore keys) throws GeneralSecurityException {
        KeyManagerFactory managers =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    /** For servers. */
    SSLContext context() {
        return context;
    }

    /** With which a JVM trusts this certificate and no other. */
    List<String> clientFlags() {
        return List.of(
                "-Djavax.net.ssl.trustStore=" + trusted(),
                "-Djavax.net.ssl.trustStorePassword=" + PASSWORD);
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(keys());
        Files.deleteIfExists(trusted());
        Files.deleteIfExists(folder);
    }
}
