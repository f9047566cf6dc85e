package dev.millrace.serve;

import dev.millrace.deliver.CallerAnswers;
import dev.millrace.job.Failure;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.TaskResult;
import dev.millrace.serve.oip.Answer;
import dev.millrace.serve.oip.AnswerWriter;
import dev.millrace.serve.oip.ImageAnswer;
import dev.millrace.serve.oip.InferenceRequest;
import dev.millrace.serve.oip.RequestReader;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Makes the reply to a request of images that have all ended. Thread-safe. */
final class Replies {
    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    private final CallerAnswers answers;

    Replies(CallerAnswers answers) {
        this.answers = answers;
    }

    /** The results of the contract: one, or an array of several. */
    Reply results(List<Callers.Image> images) throws Refusal {
        List<Optional<CallerAnswers.Answer>> said = new ArrayList<>();
        List<Failure> failures = new ArrayList<>();
        for (Callers.Image image : images) {
            Optional<CallerAnswers.Answer> one = outcome(image, answers::result, failures);
            said.add(one);
        }
        requireOne(images, failures);
        if (images.size() == 1) {
            return Reply.json(200, said.getFirst().orElseThrow().json());
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < said.size(); i++) {
            all.write(i == 0 ? '[' : ',');
            all.writeBytes(said.get(i).map(CallerAnswers.Answer::json).orElse(NULL));
        }
        all.write(']');
        return Reply.json(200, all.toByteArray());
    }

    /** An answer of the Open Inference Protocol. */
    Reply verdicts(InferenceRequest request, ServedModel model, List<Callers.Image> images)
            throws Refusal {
        List<ImageAnswer> said = new ArrayList<>();
        List<Failure> failures = new ArrayList<>();
        for (Callers.Image image : images) {
            Optional<CallerAnswers.Answer> one = outcome(image, answers::verdict, failures);
            said.add(imageAnswer(image.message(), one, model.labels()));
        }
        requireOne(images, failures);
        Answer answer = AnswerWriter.answer(model.task(), model.version(), request, said);
        OptionalInt header = answer.inferenceHeaderContentLength();
        return new Reply(
                200,
                answer.contentType(),
                answer.body(),
                header.isPresent()
                        ? Map.of(RequestReader.HEADER_LENGTH, "" + header.getAsInt())
                        : Map.of(),
                false);
    }

    private interface Writer {
        CallerAnswers.Answer write(Message image);
    }

    /** What is said of an image; adds why it has no verdict. */
    private static Optional<CallerAnswers.Answer> outcome(
            Callers.Image image, Writer writer, List<Failure> failures) throws Refusal {
        switch (image.waiting().outcome().orElseThrow()) {
            case Outcome.Delivered _ -> {
                CallerAnswers.Answer answer = writer.write(image.message());
                failures.addAll(answer.failures());
                return Optional.of(answer);
            }
            case Outcome.Retry(_, Failure failure) -> failures.add(failure);
            case Outcome.Rejected(Failure failure) -> failures.add(failure);
            case Outcome.Dropped _ -> throw new IllegalStateException("an image was dropped");
        }
        return Optional.empty();
    }

    private static void requireOne(List<Callers.Image> images, List<Failure> failures)
            throws Refusal {
        for (Failure failure : failures) {
            if (failure.kind() == Failure.Kind.DRAINING) {
                throw Refusal.draining();
            }
        }
        if (failures.size() == images.size()) {
            throw Refusal.of(failures.getFirst());
        }
    }

    private static ImageAnswer imageAnswer(
            Message image, Optional<CallerAnswers.Answer> said, List<String> labels) {
        if (said.isEmpty()) {
            return new ImageAnswer(NULL, Optional.empty(), new float[labels.size()]);
        }
        TaskResult result = image.results().getFirst();
        float[] scores = new float[labels.size()];
        Optional<String> label = result.verdict().flatMap(verdict -> verdict.label());
        if (result.verdict().isPresent()
                && result.verdict().get().fields().get("scores") instanceof Map<?, ?> named) {
            for (int i = 0; i < scores.length; i++) {
                scores[i] = named.get(labels.get(i)) instanceof Float score ? score : 0;
            }
        }
        return new ImageAnswer(said.get().json(), label, scores);
    }
}
