package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.lab.demo.LoadJson;
import dev.millrace.lab.load.LoadFigures;

/**
 * The figures of one server under one load.
 *
 * @param server by the name that the report has for it
 * @param rate requests a second that came by chance; 0 where each connection sent when it had an
 *     answer
 * @param serverCpuS CPU seconds of the server's processes in the measured time; NaN where they are
 *     not known
 * @param ownCpuS those of the generator's process
 * @param load the machine's load average at the end, of one minute
 */
record ServePoint(
        String server,
        int round,
        int connections,
        double rate,
        LoadFigures figures,
        double serverCpuS,
        double ownCpuS,
        double load) {
    boolean closed() {
        return rate == 0;
    }

    /** Which load it is, whatever the round. */
    String loadLabel() {
        return closed() ? connections + " connections" : Math.round(rate) + "/s by chance";
    }

    double perSecond() {
        return figures.perSecond();
    }

    double p99() {
        return figures.percentile(99);
    }

    double cpuMsPerImage() {
        return 1e3 * serverCpuS / Math.max(1, figures.completed());
    }

    double ownCpuMsPerImage() {
        return 1e3 * ownCpuS / Math.max(1, figures.completed());
    }

    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("server", server);
        json.put("round", round);
        json.put("load", closed() ? "closed" : "poisson");
        json.put("connections", connections);
        if (!closed()) {
            json.put("rate", LoadJson.rounded(rate));
        }
        json.put("seconds", LoadJson.rounded(figures.seconds()));
        json.put("requests", figures.sent());
        json.put("images", figures.completed());
        json.put("images_per_s", LoadJson.rounded(perSecond()));
        Latencies.percentiles(figures.latencies(), json.putObject("latency_ms"));
        ObjectNode failures = json.putObject("failures");
        figures.failures().forEach(failures::put);
        if (!Double.isNaN(serverCpuS)) {
            json.put("server_cpu_ms_per_image", LoadJson.rounded(cpuMsPerImage()));
            json.put("server_cpu_cores", LoadJson.rounded(serverCpuS / figures.seconds()));
        }
        json.put("generator_cpu_ms_per_image", LoadJson.rounded(ownCpuMsPerImage()));
        json.put("generator_cpu_cores", LoadJson.rounded(ownCpuS / figures.seconds()));
        json.put("machine_load", LoadJson.rounded(load));
        return json;
    }
}
