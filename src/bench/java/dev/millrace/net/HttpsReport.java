package dev.millrace.net;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.Response;

/**
 * CPU of the process that downloads, per image of 150 kB, by how it connects. The server is a
 * process of its own; the ways take turns, so that what else the machine does hits all alike.
 *
 * <p>Arguments: rounds, images of one way in a round, the algorithm of the certificate's key (EC or
 * RSA), and what the names of the ways must contain, where not all are wanted.
 */
public final class HttpsReport {
    private static final int BYTES = 150_000;
    private static final int AT_A_TIME = 8;
    private static final char[] PASSWORD = "changeit".toCharArray();

    private HttpsReport() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("serve")) {
            serve(Path.of(arguments[1]));
        } else {
            report(
                    Integer.parseInt(arguments[0]),
                    Integer.parseInt(arguments[1]),
                    arguments[2],
                    arguments.length > 3 ? arguments[3] : "");
        }
    }

    private static void report(int rounds, int images, String algorithm, String wanted)
            throws Exception {
        Path store = Files.createTempDirectory("https").resolve("store.p12");
        run(
                "keytool -genkeypair -alias a -dname CN=localhost -validity 2 -storetype PKCS12 -storepass changeit"
                        + " -ext san=ip:127.0.0.1 -keyalg "
                        + algorithm
                        + (algorithm.equals("EC") ? " -groupname secp256r1" : "")
                        + " -keystore "
                        + store);
        System.setProperty("javax.net.ssl.trustStore", store.toString());
        System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
        Process resuming = server(store, "1");
        Process forgetting = server(store, "0");
        Map<String, List<Double>> ways = new LinkedHashMap<>();
        try (GuardedHttp http = client();
                ExecutorService threads =
                        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().factory())) {
            Map<String, String> urls = new LinkedHashMap<>();
            String[] ports = ports(resuming);
            urls.put("http, kept", "http://127.0.0.1:" + ports[0] + "/keep");
            urls.put("https, kept", "https://127.0.0.1:" + ports[1] + "/keep");
            urls.put("http, one each", "http://127.0.0.1:" + ports[0] + "/close");
            urls.put("https, one each, resumed", "https://127.0.0.1:" + ports[1] + "/close");
            urls.put("https, one each", "https://127.0.0.1:" + ports(forgetting)[1] + "/close");
            urls.keySet().removeIf(way -> !way.contains(wanted));
            for (int round = -1; round < rounds; round++) {
                for (Map.Entry<String, String> way : urls.entrySet()) {
                    double ms = cpuMs(http, threads, way.getValue(), images) / images;
                    if (round >= 0) {
                        ways.computeIfAbsent(way.getKey(), _ -> new ArrayList<>()).add(ms);
                    }
                }
            }
        } finally {
            resuming.destroy();
            forgetting.destroy();
        }
        ways.forEach(HttpsReport::print);
    }

    private static void print(String way, List<Double> all) {
        List<Double> sorted = all.stream().sorted().toList();
        System.out.printf(
                Locale.ROOT,
                "%-26s %.3f CPU-ms an image (%.3f to %.3f)%n",
                way,
                sorted.get(sorted.size() / 2),
                sorted.getFirst(),
                sorted.getLast());
    }

    private static double cpuMs(GuardedHttp http, ExecutorService threads, String url, int images)
            throws Exception {
        long before = cpuNs();
        List<Future<?>> readers = new ArrayList<>();
        for (int reader = 0; reader < AT_A_TIME; reader++) {
            readers.add(threads.submit(() -> download(http, url, images / AT_A_TIME)));
        }
        for (Future<?> reader : readers) {
            reader.get();
        }
        return (cpuNs() - before) / 1e6;
    }

    private static Void download(GuardedHttp http, String url, int images) throws IOException {
        Request request = new Request.Builder().url(HttpUrl.get(url)).build();
        for (int i = 0; i < images; i++) {
            try (Response response = http.newCall(request).execute()) {
                byte[] body = new byte[BYTES];
                InputStream in = response.body().byteStream();
                int have = 0;
                while (have < BYTES) {
                    have += in.read(body, have, BYTES - have);
                }
            }
        }
        return null;
    }

    private static long cpuNs() {
        return ((com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static GuardedHttp client() {
        UrlPolicy policy =
                new UrlPolicy(
                        new AddressRules(List.of(Cidr.parse("127.0.0.0/8"))),
                        Set.of(),
                        Optional.empty());
        Duration time = Duration.ofSeconds(20);
        return new GuardedHttp(policy, new HttpLimits(time, time, time, 256));
    }

    private static Process server(Path store, String tickets) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djdk.tls.server.newSessionTicketCount=" + tickets,
                        "-cp",
                        System.getProperty("java.class.path"),
                        HttpsReport.class.getName(),
                        "serve",
                        store.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static String[] ports(Process server) throws IOException {
        return new BufferedReader(new InputStreamReader(server.getInputStream()))
                .readLine()
                .split(" ");
    }

    private static void run(String command) throws Exception {
        if (new ProcessBuilder(command.split(" ")).inheritIO().start().waitFor() != 0) {
            throw new IllegalStateException(command);
        }
    }

    private static void serve(Path store) throws Exception {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        HttpServer plain = HttpServer.create(any, 256);
        HttpsServer secure = HttpsServer.create(any, 256);
        secure.setHttpsConfigurator(new HttpsConfigurator(context(store)));
        for (HttpServer server : List.of(plain, secure)) {
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/keep", exchange -> answer(exchange, false));
            server.createContext("/close", exchange -> answer(exchange, true));
            server.start();
        }
        System.out.println(plain.getAddress().getPort() + " " + secure.getAddress().getPort());
        System.in.read();
        System.exit(0);
    }

    private static final byte[] PHOTO = new byte[BYTES];

    static {
        new Random(1).nextBytes(PHOTO);
    }

    private static void answer(HttpExchange exchange, boolean close) throws IOException {
        try (exchange) {
            if (close) {
                exchange.getResponseHeaders().add("Connection", "close");
            }
            exchange.sendResponseHeaders(200, BYTES);
            exchange.getResponseBody().write(PHOTO);
        }
    }

    private static SSLContext context(Path store) throws GeneralSecurityException, IOException {
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD);
        KeyManagerFactory managers =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }
}
