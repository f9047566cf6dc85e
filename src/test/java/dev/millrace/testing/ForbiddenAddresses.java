package dev.millrace.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Addresses and hosts to which no stranger's URL may lead, from {@code forbidden-hosts.txt}. */
public final class ForbiddenAddresses {
    private static final List<Vector> VECTORS = read("/forbidden-hosts.txt");

    private ForbiddenAddresses() {}

    /**
     * A host as it is written in a URL.
     *
     * @param address that a resolver may take it for
     */
    public record Vector(String host, InetAddress address) {
        private static Vector parse(String line) {
            String[] columns = line.strip().split("\\s+");
            String address = columns[columns.length - 1].replaceAll("[\\[\\]]", "");
            return new Vector(columns[0], InetAddress.ofLiteral(address));
        }

        /** Whether it is written as addresses usually are. */
        private boolean isPlain() {
            return host.equals(ForbiddenAddresses.host(address));
        }
    }

    private static List<Vector> read(String resource) {
        InputStream in = ForbiddenAddresses.class.getResourceAsStream(resource);
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return lines.lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(Vector::parse)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static List<Vector> vectors() {
        return VECTORS;
    }

    public static List<InetAddress> all() {
        return VECTORS.stream().map(Vector::address).distinct().toList();
    }

    /** The address as the host of a URL. */
    public static String host(InetAddress address) {
        return address instanceof Inet6Address
                ? "[" + address.getHostAddress() + "]"
                : address.getHostAddress();
    }

    /** Other ways to write some of them as the host of a URL. */
    public static List<String> disguised() {
        return VECTORS.stream().filter(vector -> !vector.isPlain()).map(Vector::host).toList();
    }
}
