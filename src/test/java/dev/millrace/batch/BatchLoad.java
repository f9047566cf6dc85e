package dev.millrace.batch;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * A process of its own that takes as many images through the queue, the keys and the result file of
 * a run as it is told, without a worker: each is put in, received, has its result written, and is
 * deleted. Prints a line for each tenth: images, bytes of live heap after a collection, and images
 * per second of CPU time of this thread.
 */
final class BatchLoad {
    private static final List<String> TASKS = List.of("safety");
    private static final int BATCH = 10;
    private static final int TENTHS = 10;

    private BatchLoad() {}

    public static void main(String[] arguments) throws Exception {
        long images = Long.parseLong(arguments[0]);
        Path out = Path.of(arguments[1]);
        try (DoneKeys keys = new DoneKeys(out.toAbsolutePath().getParent());
                ResultFile results = ResultFile.open(out, TASKS, false, keys, url -> url);
                MemoryQueue queue = new MemoryQueue(256, 20_000, 3, (_, _) -> {})) {
            long done = 0;
            for (int tenth = 1; tenth <= TENTHS; tenth++) {
                long cpuNs = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
                long from = done;
                while (done < images * tenth / TENTHS) {
                    done += batch(done, keys, queue, results);
                }
                double seconds =
                        (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpuNs)
                                / 1e9;
                System.gc();
                System.out.printf(
                        Locale.ROOT,
                        "%d %d %.0f%n",
                        done,
                        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                        (done - from) / seconds);
            }
        }
    }

    private static int batch(long from, DoneKeys keys, MemoryQueue queue, ResultFile results)
            throws Exception {
        for (long i = from; i < from + BATCH; i++) {
            String id = "photos/%d.jpg".formatted(i);
            if (!keys.add(id)) {
                throw new AssertionError(id + " is not new");
            }
            queue.put(id);
        }
        List<Message> messages =
                queue.receiveMessage(
                                request ->
                                        request.maxNumberOfMessages(BATCH)
                                                .visibilityTimeout(3600)
                                                .waitTimeSeconds(0))
                        .messages();
        for (Message message : messages) {
            byte[] line =
                    "{\"id\":\"%1$s\",\"status\":\"ok\",\"url\":\"%1$s\",\"results\":{\"safety\":{\"label\":\"neutral\"}}}\n"
                            .formatted(message.body())
                            .getBytes(StandardCharsets.UTF_8);
            results.write(line, 0, line.length);
        }
        queue.deleteMessageBatch(
                request ->
                        request.entries(
                                messages.stream()
                                        .map(
                                                message ->
                                                        DeleteMessageBatchRequestEntry.builder()
                                                                .id(message.messageId())
                                                                .receiptHandle(
                                                                        message.receiptHandle())
                                                                .build())
                                        .toList()));
        return messages.size();
    }
}
