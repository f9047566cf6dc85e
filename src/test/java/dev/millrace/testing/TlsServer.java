package dev.millrace.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * An https server on loopback with a certificate of its own, which a JVM trusts that is told so
 * while its clients are made. It counts its connections and those that began without a session to
 * resume.
 */
public final class TlsServer implements AutoCloseable {
    private static final char[] PASSWORD = "changeit".toCharArray();

    private final Path store;
    private final HttpsServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<InetSocketAddress, Long> accepted = new ConcurrentHashMap<>();
    private final Set<InetSocketAddress> connections = ConcurrentHashMap.newKeySet();
    private final AtomicInteger fullHandshakes = new AtomicInteger();
    private final byte[] body;

    /**
     * @param folder for the certificate's key
     * @param body of each answer; at {@code /close} the connection ends with it
     */
    public TlsServer(Path folder, byte[] body) throws Exception {
        this.store = folder.resolve("tls.p12");
        this.body = body;
        makeKey();
        server =
                HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
        server.setHttpsConfigurator(
                new HttpsConfigurator(context()) {
                    @Override
                    public void configure(HttpsParameters parameters) {
                        accepted.put(parameters.getClientAddress(), System.currentTimeMillis());
                        super.configure(parameters);
                    }
                });
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    private void makeKey() throws IOException, InterruptedException {
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        String options =
                "-genkeypair -alias tls -dname CN=localhost -validity 2 -keyalg EC -groupname secp256r1"
                        + " -ext san=dns:localhost,dns:images.test,ip:127.0.0.1 -storetype PKCS12 -storepass changeit -keystore ";
        Process process =
                new ProcessBuilder((keytool + " " + options + store).split(" "))
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException("keytool: " + said);
        }
    }

    private SSLContext context() throws GeneralSecurityException, IOException {
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(KeyStore.getInstance(store.toFile(), PASSWORD), PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            InetSocketAddress client = exchange.getRemoteAddress();
            if (connections.add(client)) {
                // A resumed session is older than its connection.
                long created = ((HttpsExchange) exchange).getSSLSession().getCreationTime();
                fullHandshakes.addAndGet(created >= accepted.get(client) ? 1 : 0);
            }
            if (exchange.getRequestURI().getPath().equals("/close")) {
                exchange.getResponseHeaders().add("Connection", "close");
            }
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /** Clients that are made until it is closed trust this server alone, as the JVM says so. */
    public AutoCloseable trusted() {
        System.setProperty("javax.net.ssl.trustStore", store.toString());
        System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
        return () -> {
            System.clearProperty("javax.net.ssl.trustStore");
            System.clearProperty("javax.net.ssl.trustStorePassword");
        };
    }

    public int port() {
        return server.getAddress().getPort();
    }

    public int connections() {
        return connections.size();
    }

    /** Handshakes without a session to resume. */
    public int fullHandshakes() {
        return fullHandshakes.get();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
