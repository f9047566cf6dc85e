package dev.millrace.serve;

import dev.millrace.api.Verdict;
import dev.millrace.deliver.CallerAnswers;
import dev.millrace.job.Failure;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.serve.oip.Answer;
import dev.millrace.serve.oip.AnswerWriter;
import dev.millrace.serve.oip.ImageAnswer;
import dev.millrace.serve.oip.InferenceRequest;
import dev.millrace.serve.oip.RequestReader;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Makes the reply to a request of images that have all ended. Thread-safe. */
final class Replies {
    private final CallerAnswers answers;

    Replies(CallerAnswers answers) {
        this.answers = answers;
    }

    /** The results of the contract: one, or an array of several. */
    Reply results(List<Callers.Image> images) throws Refusal {
        List<CallerAnswers.Answer> said = said(images, answers::result);
        if (images.size() == 1) {
            return Reply.json(200, said.getFirst().json());
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < said.size(); i++) {
            all.write(i == 0 ? '[' : ',');
            all.writeBytes(said.get(i).json());
        }
        all.write(']');
        return Reply.json(200, all.toByteArray());
    }

    /** An answer of the Open Inference Protocol. */
    Reply verdicts(InferenceRequest request, ServedModel model, List<Callers.Image> images)
            throws Refusal {
        List<CallerAnswers.Answer> said = said(images, answers::verdict);
        List<ImageAnswer> verdicts = new ArrayList<>();
        for (int i = 0; i < said.size(); i++) {
            verdicts.add(imageAnswer(images.get(i).message(), said.get(i).json(), model.labels()));
        }
        Answer answer = AnswerWriter.answer(model.task(), model.version(), request, verdicts);
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

    /** What is said of each image; throws where none has a verdict. */
    private static List<CallerAnswers.Answer> said(List<Callers.Image> images, Writer writer)
            throws Refusal {
        List<CallerAnswers.Answer> said = new ArrayList<>(images.size());
        List<Failure> failures = new ArrayList<>();
        for (Callers.Image image : images) {
            switch (image.waiting().outcome().orElseThrow()) {
                case Outcome.Retry(_, Failure failure) -> fail(image.message(), failure);
                case Outcome.Rejected(Failure failure) -> fail(image.message(), failure);
                case Outcome.Delivered _, Outcome.Dropped _ -> {
                    // Its task has a result.
                }
            }
            CallerAnswers.Answer answer = writer.write(image.message());
            said.add(answer);
            failures.addAll(answer.failures());
        }
        for (Failure failure : failures) {
            requireGoingOn(failure);
        }
        if (failures.size() == images.size()) {
            throw Refusal.of(failures.getFirst());
        }
        return said;
    }

    /** It never came into a ring. */
    private static void fail(Message image, Failure failure) throws Refusal {
        requireGoingOn(failure);
        image.failAll(failure);
    }

    private static void requireGoingOn(Failure failure) throws Refusal {
        if (failure.kind() == Failure.Kind.DRAINING) {
            throw Refusal.draining();
        }
    }

    private static ImageAnswer imageAnswer(Message image, byte[] verdict, List<String> labels) {
        float[] scores = new float[labels.size()];
        Optional<Verdict> said = image.results().getFirst().verdict();
        if (said.isPresent() && said.get().fields().get("scores") instanceof Map<?, ?> named) {
            for (int i = 0; i < scores.length; i++) {
                scores[i] = named.get(labels.get(i)) instanceof Float score ? score : 0;
            }
        }
        return new ImageAnswer(verdict, said.flatMap(Verdict::label), scores);
    }
}
