package dev.millrace.serve;

import dev.millrace.deliver.CallerAnswers;
import dev.millrace.job.Delivery;
import dev.millrace.job.Failure;
import dev.millrace.job.Trace;
import dev.millrace.job.TraceParent;
import dev.millrace.job.Tracing;
import dev.millrace.serve.oip.BadRequestException;
import dev.millrace.serve.oip.ImageSource;
import dev.millrace.serve.oip.InferenceRequest;
import dev.millrace.serve.oip.RequestReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;
import org.eclipse.jetty.io.EofException;

/**
 * Answers requests for an inference: reads the images, sends each on the way of a message, waits
 * for them, and writes what came of them. Thread-safe; each request has a thread of its own.
 */
final class Inference {
    /** How often it is looked whether the caller is still there. */
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final String DEADLINE = "Millrace-Deadline-Ms";
    private static final int MAX_IMAGES = 256;

    private final ServeSettings settings;
    private final int maxImageBytes;
    private final Callers callers;
    private final Replies replies;
    private final Tracing tracing;

    /** A request whose head was complete then. */
    private record Received(long startNs, Trace trace) {
        Delivery delivery(byte[] image) {
            return Delivery.ofCaller(imageId(image), startNs, trace);
        }
    }

    /**
     * @param maxImageBytes of one image
     * @param tracing says to which trace a request belongs
     */
    Inference(
            ServeSettings settings,
            int maxImageBytes,
            Callers callers,
            CallerAnswers answers,
            Tracing tracing) {
        this.tracing = tracing;
        this.settings = settings;
        this.maxImageBytes = maxImageBytes;
        this.callers = callers;
        this.replies = new Replies(answers);
    }

    /**
     * Returns once there is an answer.
     *
     * @throws IOException where the caller broke off, or has gone
     */
    Reply answer(Call call, ServedModel model) throws Refusal, IOException, InterruptedException {
        if (callers.isDraining()) {
            throw Refusal.draining();
        }
        requirePlain(call);
        boolean result = wantsResult(call);
        long deadlineNs = deadline(call);
        InferenceRequest request;
        List<Callers.Image> images;
        try (BodyReader reader =
                new BodyReader(
                        callers.share(),
                        settings.maxBody(),
                        settings.minimumRate(),
                        call.connection()::due)) {
            byte[] body = reader.read(call, call.startNs() + deadlineNs);
            call.connection().complete();
            request = read(call, body, model);
            deadlineNs =
                    Math.min(
                            deadlineNs,
                            request.timeout().map(one -> one.toNanos()).orElse(Long.MAX_VALUE));
            Trace trace =
                    tracing.begin(
                            TraceParent.parse(
                                    call.header(TraceParent.HEADER).orElse(null),
                                    call.header(TraceParent.STATE_HEADER).orElse(null)));
            Received received = new Received(call.startNs(), trace);
            images = enter(request, model, body, reader, received);
        } catch (TimeoutException e) {
            throw Refusal.deadline(TimeUnit.NANOSECONDS.toMillis(deadlineNs));
        }
        try {
            await(call, images, deadlineNs);
        } catch (InterruptedException e) {
            abandon(images);
            throw e;
        }
        return result ? replies.results(images) : replies.verdicts(request, model, images);
    }

    /** Triton's clients may compress; images are compressed already. */
    private static void requirePlain(Call call) throws Refusal {
        String encoding = call.header("Content-Encoding").orElse("identity").strip();
        if (!encoding.equalsIgnoreCase("identity")) {
            throw Refusal.of(
                    Failure.Kind.UNSUPPORTED_FORMAT,
                    "Content-Encoding says that the body is compressed, which is not read; send it as it is");
        }
    }

    private long deadline(Call call) throws Refusal {
        long most = settings.deadline().toNanos();
        Optional<String> asked = call.header(DEADLINE);
        if (asked.isEmpty()) {
            return most;
        }
        if (!asked.get().matches("[1-9][0-9]{0,8}")) {
            throw Refusal.malformed(
                    400, DEADLINE + " is no number of milliseconds; give one, such as 50");
        }
        return Math.min(most, TimeUnit.MILLISECONDS.toNanos(Long.parseLong(asked.get())));
    }

    private InferenceRequest read(Call call, byte[] body, ServedModel model) throws Refusal {
        try {
            InferenceRequest request =
                    RequestReader.read(
                            call.header("Content-Type").orElse(null),
                            RequestReader.headerLength(
                                    call.header(RequestReader.HEADER_LENGTH).orElse(null)),
                            body,
                            Math.min(MAX_IMAGES, callers.share().maxImages()));
            request.outputs().requireOf(model.task(), !model.labels().isEmpty());
            return request;
        } catch (BadRequestException e) {
            throw Refusal.malformed(e.status(), e.getMessage());
        }
    }

    private static boolean wantsResult(Call call) throws Refusal {
        return call.parameter("format").filter("verdict"::equals).isPresent()
                || call.header("Accept")
                        .map(accept -> accept.replace(" ", ""))
                        .filter(accept -> accept.contains("profile=verdict"))
                        .isPresent();
    }

    private List<Callers.Image> enter(
            InferenceRequest request,
            ServedModel model,
            byte[] body,
            BodyReader reader,
            Received received)
            throws Refusal {
        List<ImageSource> sources = request.images();
        Share share = callers.share();
        for (ImageSource source : sources) {
            if (source instanceof ImageSource.Bytes(byte[] image)) {
                requireSize(image.length);
                if (image != body) {
                    reader.reserve(image.length);
                }
            }
        }
        if (!share.take(sources.size())) {
            throw Refusal.busy(
                    "this worker has as many images of callers as it may (%d); try again in a moment, or ask another worker"
                            .formatted(share.maxImages()));
        }
        String id = request.id().orElseGet(() -> UUID.randomUUID().toString());
        List<Callers.Image> images = new ArrayList<>(sources.size());
        for (int i = 0; i < sources.size(); i++) {
            String imageId = sources.size() == 1 ? id : id + "_" + i;
            images.add(enter(sources.get(i), imageId, model, reader, received));
        }
        return images;
    }

    private Callers.Image enter(
            ImageSource source,
            String id,
            ServedModel model,
            BodyReader reader,
            Received received) {
        switch (source) {
            case ImageSource.Bytes(byte[] bytes) -> {
                Callers.Image image = callers.image(id, received.delivery(bytes), "", model.task());
                reader.handedOver(bytes.length);
                callers.share().handOver(image.message(), bytes.length);
                callers.enter(image, Optional.of(bytes));
                return image;
            }
            case ImageSource.Url(String url) -> {
                byte[] bytes = url.getBytes(StandardCharsets.UTF_8);
                Callers.Image image =
                        callers.image(id, received.delivery(bytes), url, model.task());
                callers.enter(image, Optional.empty());
                return image;
            }
        }
    }

    private void requireSize(int bytes) throws Refusal {
        if (bytes > maxImageBytes) {
            throw Refusal.of(
                    Failure.Kind.TOO_LARGE,
                    "the image has %d bytes, more than the %d of fetch.maxBytes; send a smaller one"
                            .formatted(bytes, maxImageBytes));
        }
    }

    /**
     * Of two images that have the same by chance, or since somebody made them so, one is tried in a
     * process of its own where the other is a suspect, and passes.
     */
    private static String imageId(byte[] bytes) {
        // Both are instructions of the processor; a digest would take longer than the rest.
        HexFormat hex = HexFormat.of();
        return "caller-"
                + hex.toHexDigits(checksum(new CRC32C(), bytes), 8)
                + hex.toHexDigits(checksum(new CRC32(), bytes), 8)
                + '-'
                + Integer.toHexString(bytes.length);
    }

    private static long checksum(Checksum sum, byte[] bytes) {
        sum.update(bytes);
        return sum.getValue();
    }

    private void await(Call call, List<Callers.Image> images, long deadlineNs)
            throws Refusal, IOException, InterruptedException {
        for (Callers.Image image : images) {
            while (true) {
                long leftNs = deadlineNs - (System.nanoTime() - call.startNs());
                if (image.waiting().await(Math.max(0, Math.min(leftNs, LOOK_NS)))) {
                    break;
                }
                boolean gone = call.connection().isGone();
                if (gone || leftNs <= 0) {
                    abandon(images);
                    if (gone) {
                        throw new EofException("the caller has gone");
                    }
                    throw Refusal.deadline(TimeUnit.NANOSECONDS.toMillis(deadlineNs));
                }
            }
        }
    }

    private static void abandon(List<Callers.Image> images) {
        images.forEach(image -> image.message().abandon());
    }
}
