package dev.millrace.batch;

import dev.millrace.config.WorkerConfig;
import dev.millrace.source.ContentsReader;
import dev.millrace.worker.UrlPolicies;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;

/**
 * All that {@code run} does for an image but what the worker does between the receive and the
 * result: the list, the keys, the queue and the file of results. Its images are only simulated, so
 * that ten million take minutes. Prints a line for each slice of them, and goes through the same
 * list again at the end, as a run that is started again.
 */
final class SimulatedRun {
    private static final List<String> TASKS = List.of("safety");
    private static final int RECEIVED = 10;

    private final Path list;
    private final Path out;
    private final long slice;
    private long answered;
    private long sliceNs;
    private long sliceCpuNs;

    private SimulatedRun(Path list, Path out, long slice) {
        this.list = list;
        this.out = out;
        this.slice = slice;
    }

    /**
     * @param arguments a folder, how many images, and how many are a slice
     */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        long images = Long.parseLong(arguments[1]);
        Path list = folder.resolve("list.txt");
        try (BufferedWriter writer = Files.newBufferedWriter(list)) {
            for (long i = 0; i < images; i++) {
                writer.write("https://images.example.com/" + i + ".jpg\n");
            }
        }
        SimulatedRun run =
                new SimulatedRun(
                        list, folder.resolve("results.jsonl"), Long.parseLong(arguments[2]));
        System.out.println("first " + run.work());
        System.out.println("again " + run.work());
    }

    /** What became of a list: images answered, left out, and in the file before. */
    private String work() throws Exception {
        answered = 0;
        try (DoneKeys keys = new DoneKeys(out.getParent());
                ResultFile results =
                        ResultFile.open(out, TASKS, false, keys, UnaryOperator.identity())) {
            long before = results.before();
            print("opened");
            BucketLists none = new BucketLists(Optional.empty(), Optional.empty());
            ImageWords words = new ImageWords(Optional.empty(), Columns.GUESSED, none);
            ImageWords.Survey survey = words.survey(List.of(list.toString()));
            WorkerConfig config =
                    BatchConfig.of(
                            List.of(WorkerConfig.Model.of("safety", Path.of("engines/safety"))));
            ContentsReader contents =
                    UrlPolicies.contents(BatchConfig.embedded(config, false, none, survey));
            MemoryQueue queue = new MemoryQueue(256, 20_000, 8, (_, _) -> {});
            BatchFeed feed =
                    new BatchFeed(words, list.toString(), TASKS, keys, results, contents, queue);
            feed.start();
            startSlice();
            while (!feed.isOver() || queue.size() > 0) {
                answer(queue, results);
            }
            print("ended");
            if (feed.brokenOff().isPresent()) {
                throw new IllegalStateException(feed.brokenOff().get());
            }
            return "listed=%d answered=%d written=%d left_out=%d before=%d"
                    .formatted(
                            survey.images().orElseThrow(),
                            answered,
                            results.written(),
                            feed.leftOut(),
                            before);
        }
    }

    private void answer(MemoryQueue queue, ResultFile results) throws IOException {
        ReceiveMessageResponse received =
                queue.receiveMessage(
                        request ->
                                request.maxNumberOfMessages(RECEIVED)
                                        .visibilityTimeout(3600)
                                        .waitTimeSeconds(1));
        for (Message message : received.messages()) {
            String start = message.body().substring(0, message.body().indexOf(",\"tasks\""));
            byte[] line =
                    (start
                                    + ",\"request_id\":\""
                                    + new UUID(answered, answered)
                                    + "\",\"status\":\"ok\",\"results\":{\"safety\":{\"label\":\"safe\",\"score\":0.5}}}\n")
                            .getBytes(StandardCharsets.UTF_8);
            results.write(line, 0, line.length);
            answered++;
            if (answered % slice == 0) {
                endSlice();
            }
        }
        if (received.hasMessages()) {
            queue.deleteMessageBatch(
                    request ->
                            request.entries(
                                    received.messages().stream()
                                            .map(
                                                    message ->
                                                            DeleteMessageBatchRequestEntry.builder()
                                                                    .id(message.messageId())
                                                                    .receiptHandle(
                                                                            message.receiptHandle())
                                                                    .build())
                                            .toList()));
        }
    }

    private void endSlice() {
        double seconds = (System.nanoTime() - sliceNs) / 1e9;
        double cpu = (cpuNs() - sliceCpuNs) / 1e9;
        print("slice rate=%.0f cpu_us=%.3f".formatted(slice / seconds, 1e6 * cpu / slice));
        startSlice();
    }

    private void startSlice() {
        sliceNs = System.nanoTime();
        sliceCpuNs = cpuNs();
    }

    private static long cpuNs() {
        return ((com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private void print(String what) {
        System.gc();
        // What the other thread has allocated since is not live.
        long live =
                ManagementFactory.getMemoryPoolMXBeans().stream()
                        .filter(pool -> pool.getType() == MemoryType.HEAP)
                        .mapToLong(pool -> pool.getCollectionUsage().getUsed())
                        .sum();
        System.out.printf(Locale.ROOT, "%s images=%d live=%d%n", what, answered, live);
    }
}
