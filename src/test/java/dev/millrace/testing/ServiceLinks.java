package dev.millrace.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The variables that a container gets for a service, in the forms of Kubernetes ({@code
 * pkg/kubelet/envvars}) and of Docker's links, which it copies.
 */
public final class ServiceLinks {
    private ServiceLinks() {}

    /**
     * @param service its name
     * @param address its cluster IP
     * @param ports their numbers by their names; TCP
     */
    public static Map<String, String> of(
            String service, String address, Map<String, Integer> ports) {
        String name = variable(service);
        String host = address.contains(":") ? "[" + address + "]" : address;
        Map<String, String> links = new TreeMap<>(Map.of(name + "_SERVICE_HOST", address));
        ports.forEach(
                (portName, port) -> {
                    String url = "tcp://" + host + ":" + port;
                    String link = name + "_PORT_" + port + "_TCP";
                    links.putIfAbsent(name + "_SERVICE_PORT", port.toString());
                    links.put(name + "_SERVICE_PORT_" + variable(portName), port.toString());
                    links.putIfAbsent(name + "_PORT", url);
                    links.put(link, url);
                    links.put(link + "_PROTO", "tcp");
                    links.put(link + "_PORT", port.toString());
                    links.put(link + "_ADDR", address);
                });
        return links;
    }

    /** {@code env} with these variables, which becomes the command that follows it. */
    public static List<String> env(List<Map<String, String>> services) {
        List<String> command = new ArrayList<>(List.of("env"));
        services.forEach(links -> links.forEach((name, value) -> command.add(name + "=" + value)));
        return command;
    }

    private static String variable(String name) {
        return name.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
