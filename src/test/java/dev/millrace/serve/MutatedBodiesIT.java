package dev.millrace.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Failure;
import dev.millrace.preprocess.Mutations;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The broken images of row 10, sent by a caller: as many as {@code millrace.bodies} says. */
class MutatedBodiesIT {
    private static final long SEED = 20_260_117;
    private static final int BODIES = Integer.getInteger("millrace.bodies", 500);
    private static final Set<String> KINDS =
            Arrays.stream(Failure.Kind.values())
                    .map(Failure.Kind::wireName)
                    .collect(Collectors.toSet());

    @Test
    void eachHasAVerdictOrAnErrorWithItsKind() throws Exception {
        Map<String, Integer> ends = new TreeMap<>();
        List<String> wrong = new ArrayList<>();
        try (CallerScene scene = new CallerScene("safety")) {
            Mutations.Images images = new Mutations.Images(SEED);
            for (int number = 0; number < BODIES; number++) {
                HttpResponse<byte[]> answer = scene.infer("safety", images.image(number));
                String end = end(answer);
                ends.merge(end, 1, Integer::sum);
                if (!isNamed(answer.statusCode(), end)) {
                    wrong.add("image %d: %s %s".formatted(number, answer.statusCode(), end));
                }
            }
            assertEquals(200, scene.infer("safety", CallerScene.photo()).statusCode());
            assertFalse(scene.worker.fault().isDone());
        }
        System.out.println(BODIES + " mutated bodies: " + ends);
        assertEquals(List.of(), wrong);
        assertTrue(ends.getOrDefault("verdict", 0) > BODIES / 50, ends::toString);
        assertTrue(ends.size() > 2, ends::toString);
        assertTrue(isNamed(422, "corrupt_image"));
        assertFalse(isNamed(500, "corrupt_image") || isNamed(422, "") || isNamed(200, ""));
    }

    private static String end(HttpResponse<byte[]> answer) throws Exception {
        return answer.statusCode() == 200 ? "verdict" : CallerScene.kind(answer);
    }

    /** Whether the answer blames the image, and says of what. */
    private static boolean isNamed(int status, String end) {
        return status == 200
                ? end.equals("verdict")
                : List.of(413, 415, 422).contains(status) && KINDS.contains(end);
    }
}
