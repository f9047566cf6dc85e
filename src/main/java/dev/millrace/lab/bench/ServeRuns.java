package dev.millrace.lab.bench;

import dev.millrace.cli.StatusLine;
import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerProfile;
import dev.millrace.lab.demo.ThisMachine;
import dev.millrace.lab.load.Arrivals;
import dev.millrace.lab.load.HttpTarget;
import dev.millrace.lab.load.ListeningProcesses;
import dev.millrace.lab.load.LoadFigures;
import dev.millrace.lab.load.LoadGenerator;
import dev.millrace.lab.load.ProcessCpu;
import dev.millrace.resource.Resources;
import dev.millrace.verify.ImageFiles;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.function.DoubleSupplier;

/**
 * Measures servers in turns: each under the first load, then each under the next, so that what else
 * the machine does meets all alike. Every second round goes backwards.
 */
final class ServeRuns {
    private static final int MOST_CONNECTIONS = 256;
    static final List<String> HEADERS =
            List.of("Content-Type: application/octet-stream", "Accept: */*");

    private final BenchSettings settings;
    private final ServeOptions options;
    private final int rounds;
    private final List<String> workerFlags;
    private final List<ServePoint> points = new ArrayList<>();

    /** A server that is measured, with the CPU seconds of its processes. */
    private record Server(String name, HttpTarget target, DoubleSupplier cpu) {}

    ServeRuns(BenchSettings settings, ServeOptions options, int rounds, List<String> workerFlags) {
        this.workerFlags = workerFlags;
        this.settings = settings;
        this.options = options;
        this.rounds = rounds;
    }

    /** Callers beside a full queue, in one worker. */
    ServeBesideQueue measureBesideQueue(double rate) throws IOException {
        List<byte[]> photos = photos();
        int parts = 1 + 3 * rounds;
        List<Duration> plan =
                Collections.nCopies(parts, settings.settling().plus(settings.measure));
        try (TimeLeft left = new TimeLeft(StatusLine.onError(), "about", plan);
                ConfigurationRuns runner = new ConfigurationRuns(settings, workerFlags);
                ChildJvm worker = runner.startWithCallers()) {
            int port = worker.greeting().path("serve_port").asInt();
            URI url =
                    URI.create(
                            "http://127.0.0.1:%d/v2/models/%s/infer"
                                    .formatted(port, settings.tasks.getFirst()));
            ServeBesideQueue runs =
                    new ServeBesideQueue(settings, rate, photos, runner.helpers(), worker, url);
            runs.measure(rounds, left);
            return runs;
        }
    }

    ServeResults measure() throws IOException {
        List<byte[]> photos = photos();
        List<Server> servers = new ArrayList<>();
        options.url.ifPresent(url -> servers.add(server("--url", url, photos)));
        options.against.ifPresent(url -> servers.add(server("--against", url, photos)));
        try (Resources owned = new Resources()) {
            if (options.url.isEmpty()) {
                servers.addFirst(worker(owned.own(process()), photos));
            }
            return measure(servers);
        }
    }

    private ServeResults measure(List<Server> servers) throws IOException {
        try (TimeLeft left = new TimeLeft(StatusLine.onError(), "about", plan(servers.size()))) {
            for (Server server : servers) {
                left.doing("warm-up of " + server.name());
                load(server, warmUp(), settings.warmUp, Duration.ZERO);
                left.next(server.name() + " is warm");
            }
            for (int round = 1; round <= rounds; round++) {
                List<Server> order = round % 2 == 1 ? servers : servers.reversed();
                for (int connections : options.connections) {
                    measure(order, round, List.of(new Arrivals.Closed(connections)), left);
                }
                measureByChance(order, round, left);
            }
        }
        return new ServeResults(
                Machine.json(), settings.serveJson(options, rounds), points, options.mostLatency);
    }

    private List<Duration> plan(int servers) {
        int loads = settings.rate.isPresent() ? 1 : settings.loads.size();
        List<Duration> plan = new ArrayList<>(Collections.nCopies(servers, settings.warmUp));
        plan.addAll(
                Collections.nCopies(
                        servers * rounds * (options.connections.size() + loads),
                        settings.settling().plus(settings.measure)));
        return plan;
    }

    private Arrivals warmUp() {
        return new Arrivals.Closed(Collections.max(options.connections));
    }

    /** At a rate that is given, or at shares of what each server has reached in this round. */
    private void measureByChance(List<Server> servers, int round, TimeLeft left)
            throws IOException {
        int loads = settings.rate.isPresent() ? 1 : settings.loads.size();
        for (int i = 0; i < loads; i++) {
            for (Server server : servers) {
                double rate =
                        settings.rate.isPresent()
                                ? settings.rate.get()
                                : settings.loads.get(i) / 100 * most(server, round);
                if (rate > 0) {
                    Random random = new Random(settings.host.seed());
                    Arrivals chance = new Arrivals.Poisson(MOST_CONNECTIONS, rate, random);
                    measure(List.of(server), round, List.of(chance), left);
                }
            }
        }
    }

    private double most(Server server, int round) {
        return points.stream()
                .filter(point -> point.server().equals(server.name()) && point.round() == round)
                .filter(ServePoint::closed)
                .mapToDouble(ServePoint::perSecond)
                .max()
                .orElse(0);
    }

    private void measure(List<Server> servers, int round, List<Arrivals> loads, TimeLeft left)
            throws IOException {
        for (Server server : servers) {
            for (Arrivals arrivals : loads) {
                left.doing(BenchTable.round(round, rounds, server.name()));
                Measured measured = load(server, arrivals, settings.settling(), settings.measure);
                double rate = arrivals instanceof Arrivals.Poisson chance ? chance.perSecond() : 0;
                ServePoint point =
                        new ServePoint(
                                server.name(),
                                round,
                                arrivals.connections(),
                                rate,
                                measured.figures(),
                                measured.serverCpuS(),
                                measured.ownCpuS(),
                                machineLoad());
                points.add(point);
                left.next(progress(point));
            }
        }
    }

    private String progress(ServePoint point) {
        return String.format(
                Locale.ROOT,
                "%s, %s: %.1f images/s, p99 %.1f ms, %.2f CPU-ms per image",
                BenchTable.round(point.round(), rounds, point.server()),
                point.loadLabel(),
                point.perSecond(),
                point.p99(),
                point.cpuMsPerImage());
    }

    private record Measured(LoadFigures figures, double serverCpuS, double ownCpuS) {}

    private static Measured load(
            Server server, Arrivals arrivals, Duration warmUp, Duration measure)
            throws IOException {
        double[] cpu = new double[4];
        try (LoadGenerator generator = new LoadGenerator(server.target(), arrivals)) {
            LoadFigures figures =
                    generator.run(
                            warmUp,
                            measure,
                            () -> {
                                cpu[0] = server.cpu().getAsDouble();
                                cpu[1] = ownCpuSeconds();
                            },
                            () -> {
                                cpu[2] = server.cpu().getAsDouble();
                                cpu[3] = ownCpuSeconds();
                            });
            return new Measured(figures, cpu[2] - cpu[0], cpu[3] - cpu[1]);
        }
    }

    private static double ownCpuSeconds() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean os
                ? os.getProcessCpuTime() / 1e9
                : Double.NaN;
    }

    static double machineLoad() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    private ServeProcess process() throws IOException {
        List<String> arguments = new ArrayList<>();
        arguments.add("--models=" + ThisMachine.engines().resolve(settings.tasks.getFirst()));
        arguments.add("--profile=" + settings.profile.label());
        settings.simulate().ifPresent(cost -> arguments.add("--simulate=" + cost));
        List<String> flags = new ArrayList<>();
        if (settings.profile == WorkerProfile.LATENCY) {
            // As the launcher does.
            flags.addAll(ChildJvm.FIRST_COMPILER);
        }
        flags.addAll(workerFlags);
        return new ServeProcess(flags, arguments);
    }

    private Server worker(ServeProcess process, List<byte[]> photos) {
        return new Server(
                "millrace",
                HttpTarget.posts(process.infer(settings.tasks.getFirst()), HEADERS, photos),
                new ProcessCpu(Set.of(process.pid())));
    }

    /** A server that somebody else has started; it must answer the first photo. */
    private static Server server(String option, URI url, List<byte[]> photos) {
        HttpTarget target = HttpTarget.posts(url, HEADERS, photos);
        int port = target.address().getPort();
        LoadFigures first;
        try (LoadGenerator generator = new LoadGenerator(target, new Arrivals.Closed(1))) {
            first = generator.run(Duration.ZERO, Duration.ofMillis(100), () -> {}, () -> {});
        } catch (IOException e) {
            throw new ConfigException(option + ": '" + url + "' cannot be reached (" + e + ")");
        }
        if (first.latencies().getTotalCount() == 0) {
            throw new ConfigException(
                    "%s: '%s' does not answer a photo (%s); start the server first"
                            .formatted(option, url, String.join("; ", first.failures().keySet())));
        }
        return new Server(
                url.getHost() + ":" + port, target, new ProcessCpu(ListeningProcesses.at(port)));
    }

    private List<byte[]> photos() throws IOException {
        List<byte[]> photos =
                options.photos.isPresent()
                        ? List.copyOf(ImageFiles.of(options.photos, Path.of("")).values())
                        : WebPhotos.make(
                                settings.host.images(),
                                settings.host.seed(),
                                settings.host.progressive());
        if (options.keepPhotos.isPresent()) {
            Path folder = Files.createDirectories(options.keepPhotos.get());
            for (int i = 0; i < photos.size(); i++) {
                Files.write(folder.resolve("photo-%04d.jpg".formatted(i)), photos.get(i));
            }
        }
        return photos;
    }
}
