package dev.millrace.source;

import dev.millrace.duty.Duties;
import dev.millrace.job.Admission;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.StageClock;
import dev.millrace.job.Tracing;
import dev.millrace.net.AddressRules;
import dev.millrace.net.UrlPolicy;
import dev.millrace.testing.FarQueue;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * How many messages a second the acknowledger, the receivers and the heartbeats get through alone,
 * and what one costs, before a queue that is a round trip away. The queue is a process of its own;
 * the CPU is that of this one, the JIT compiler's included.
 *
 * <p>Arguments: milliseconds of the round trip, messages per answer at most, rounds.
 */
public final class FarQueueReport {
    private static final int PERMITS = 20_000;
    private static final int LEASES = 10_000;
    private static final Duration VISIBILITY = Duration.ofSeconds(15);
    private static final long WARM_UP_MS = 5_000;
    private static final long MEASURE_MS = 5_000;

    private final String url;
    private final Counters counters = new Counters();
    private final Duties duties =
            new Duties(
                    why -> {
                        throw new AssertionError(why);
                    });
    private final Admission admission = new Admission(PERMITS, 1 << 20, PERMITS, 60, 0);

    private FarQueueReport(String url) {
        this.url = url;
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("queue")) {
            queue(arguments);
            return;
        }
        Process queue =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "-Xmx512m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                FarQueueReport.class.getName(),
                                "queue",
                                arguments[0],
                                arguments[1])
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader words =
                new BufferedReader(
                        new InputStreamReader(queue.getInputStream(), StandardCharsets.UTF_8))) {
            String url = words.readLine();
            for (int round = 0; round < Integer.parseInt(arguments[2]); round++) {
                new FarQueueReport(url).receive();
                new FarQueueReport(url).acknowledge();
                new FarQueueReport(url).extend();
            }
        } finally {
            queue.getOutputStream().close();
        }
    }

    /** Until its standard input ends. */
    private static void queue(String[] arguments) throws IOException {
        try (FarQueue queue = new FarQueue(Duration.ofMillis(Long.parseLong(arguments[1])))) {
            int most = Integer.parseInt(arguments[2]);
            queue.most = asked -> Math.min(asked, most);
            queue.messages.release(1_000_000_000);
            System.out.println(queue.url());
            while (System.in.read() >= 0) {
                // It says nothing.
            }
        }
    }

    private QueueSettings settings() {
        return QueueSettings.of(url, draft -> draft.visibility = VISIBILITY);
    }

    private void receive() throws InterruptedException {
        LongAdder taken = new LongAdder();
        try (SqsClient client = SqsClients.create(settings());
                VisibilityKeeper keeper =
                        new VisibilityKeeper(client, settings(), counters, duties)) {
            SqsSource source =
                    new SqsSource(
                            client,
                            settings(),
                            new ContentsReader(
                                    new UrlPolicy(
                                            new AddressRules(List.of()),
                                            Set.of(),
                                            Optional.empty())),
                            () -> TimeUnit.MILLISECONDS.toNanos(20),
                            admission,
                            keeper,
                            (_, _) -> {},
                            Tracing.OFF,
                            counters,
                            new StageClock(),
                            duties);
            source.start(
                    message -> {
                        taken.increment();
                        keeper.forget(message);
                        admission.release(message);
                    });
            Thread.sleep(1000);
            System.out.println("receive: " + taken.sum() + " messages in the first second");
            measure("receive", taken::sum);
            source.stop();
            source.awaitStopped(Duration.ofSeconds(20));
        }
    }

    private void acknowledge() throws InterruptedException {
        try (SqsClient client = SqsClients.create(settings());
                VisibilityKeeper keeper =
                        new VisibilityKeeper(client, settings(), counters, duties);
                Acknowledger acknowledger =
                        new Acknowledger(
                                client,
                                settings(),
                                PERMITS,
                                keeper,
                                admission,
                                counters,
                                new StageClock(),
                                duties)) {
            acknowledger.start();
            Thread settler = Thread.ofPlatform().daemon().start(() -> settle(keeper, acknowledger));
            measure("acknowledge", () -> counters.get(Counter.DELETED));
            settler.interrupt();
            settler.join();
            acknowledger.flush(Duration.ofSeconds(10));
        }
    }

    /** As fast as permits come back. */
    private void settle(VisibilityKeeper keeper, Acknowledger acknowledger) {
        try {
            while (true) {
                int permits = admission.acquire(10);
                for (int i = 0; i < permits; i++) {
                    Message message = SourceMessages.of("receipt", System.nanoTime(), acknowledger);
                    keeper.track(message);
                    message.settle(new Outcome.Delivered());
                }
            }
        } catch (InterruptedException e) {
            // It is over.
        }
    }

    private void extend() throws InterruptedException {
        try (SqsClient client = SqsClients.create(settings());
                VisibilityKeeper keeper =
                        new VisibilityKeeper(client, settings(), counters, duties)) {
            keeper.start();
            List<Message> messages = new ArrayList<>();
            for (int i = 0; i < LEASES; i++) {
                messages.add(SourceMessages.of("receipt", System.nanoTime(), (_, _) -> {}));
                keeper.track(messages.getLast());
            }
            Thread.sleep(VISIBILITY.toMillis() / 3 - 1000);
            long cpuNs = cpuNs();
            long last = counters.get(Counter.HEARTBEATS);
            Thread.sleep(1000);
            long startNs = System.nanoTime();
            while (counters.get(Counter.HEARTBEATS) - last < LEASES) {
                Thread.sleep(5);
            }
            System.out.printf(
                    Locale.ROOT,
                    "extend: %d leases in %.2f s, %.4f CPU-ms each%n",
                    LEASES,
                    (System.nanoTime() - startNs) / 1e9,
                    (cpuNs() - cpuNs) / 1e6 / LEASES);
            Thread.sleep(VISIBILITY.toMillis());
            System.out.printf(
                    "extend: %d lost, %d extensions%n",
                    messages.stream().filter(Message::leaseLost).count(),
                    counters.get(Counter.HEARTBEATS));
        }
    }

    private static void measure(String what, LongSupplier messages) throws InterruptedException {
        Thread.sleep(WARM_UP_MS);
        long startNs = System.nanoTime();
        long cpuNs = cpuNs();
        long before = messages.getAsLong();
        Thread.sleep(MEASURE_MS);
        long done = messages.getAsLong() - before;
        System.out.printf(
                Locale.ROOT,
                "%s: %.0f messages/s, %.4f CPU-ms each%n",
                what,
                done * 1e9 / (System.nanoTime() - startNs),
                (cpuNs() - cpuNs) / 1e6 / done);
    }

    private static long cpuNs() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getProcessCpuTime();
    }
}
