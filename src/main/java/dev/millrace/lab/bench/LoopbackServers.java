package dev.millrace.lab.bench;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.millrace.config.ConfigException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The HTTP servers of the helpers, on addresses of this machine that nobody else can reach, all
 * with TLS or none. Each call is handled on a virtual thread; owns those and the servers.
 */
final class LoopbackServers implements AutoCloseable {
    private static final int WAITING_CONNECTIONS = 1024;

    private final Optional<LoopbackCertificate> certificate;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<HttpServer> servers = new ArrayList<>();

    /**
     * @param certificate for TLS
     */
    LoopbackServers(Optional<LoopbackCertificate> certificate) {
        this.certificate = certificate;
    }

    /** The address by its number; all of 127.0.0.0/8 are this machine on Linux. */
    static String address(int number) {
        return "127.0.0." + number;
    }

    /**
     * Starts a server on a free port.
     *
     * @param number of its address, from 1
     * @return what its URLs begin with
     */
    String open(int number, Map<String, HttpHandler> handlers) throws IOException {
        InetSocketAddress at = new InetSocketAddress(InetAddress.getByName(address(number)), 0);
        HttpServer server;
        try {
            server =
                    certificate.isPresent()
                            ? HttpsServer.create(at, WAITING_CONNECTIONS)
                            : HttpServer.create(at, WAITING_CONNECTIONS);
        } catch (BindException e) {
            throw new ConfigException(
                    "--hosts: this machine has no address "
                            + address(number)
                            + ", as Linux has; use --hosts "
                            + (number - 1));
        }
        servers.add(server);
        if (server instanceof HttpsServer secure) {
            secure.setHttpsConfigurator(new HttpsConfigurator(certificate.get().context()));
        }
        server.setExecutor(threads);
        handlers.forEach(server::createContext);
        server.start();
        String scheme = certificate.isPresent() ? "https" : "http";
        return scheme + "://" + address(number) + ":" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        servers.forEach(server -> server.stop(0));
        threads.close();
    }
}
