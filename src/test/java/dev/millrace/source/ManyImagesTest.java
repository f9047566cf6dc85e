package dev.millrace.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.source.ManyImagesSimulation.Result;
import dev.millrace.source.ManyImagesSimulation.Scene;
import dev.millrace.testing.Slow;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Messages of many images, whatever the device, the host and the leases are like. */
class ManyImagesTest {
    /** Images in flight at a time, in these scenes. */
    private static final int IN_FLIGHT = 512;

    /** Four thousand seconds of work, each message with a deadline of 300. */
    @Test
    void nothingDiesAtASlowDevice() {
        answeredOnce(Scene.of(80, 500, 10));
    }

    @Test
    void nothingIsRepeatedWhereVisibilityAndDeadlineAreShort() {
        answeredOnce(Scene.of(40, 500, 80).leases(1, 3));
    }

    @Test
    void nothingIsRepeatedWhereTheHostIsSlow() {
        answeredOnce(Scene.of(20, 500, 80).host(5));
    }

    /** A poll cannot know that the messages behind those of one image have many. */
    @Test
    void manyAfterFewAreASurpriseAndNoHarm() {
        int[] images =
                IntStream.concat(
                                IntStream.generate(() -> 1).limit(2000),
                                IntStream.generate(() -> 500).limit(40))
                        .toArray();
        answeredOnce(Scene.of(1, 1, 100).images(images).leases(10, 30));
    }

    @Test
    void messagesOfAnySize() {
        SplittableRandom random = new SplittableRandom(20_261_207);
        int[] images =
                random.ints(300, 0, 10).map(i -> i < 7 ? 1 : 1 + random.nextInt(1000)).toArray();
        answeredOnce(Scene.of(1, 1, 900).images(images).leases(2, 10));
    }

    @Test
    void twoWorkersShareThem() {
        Result one = answeredOnce(Scene.of(40, 500, 80));
        Result two = answeredOnce(Scene.of(40, 500, 80).workers(2, false));
        assertTrue(two.seconds() < 0.6 * one.seconds(), one + " by one worker; by two " + two);
    }

    /** The other worker cannot know what the one that was killed had answered. */
    @Test
    void aKilledWorkerCostsTheWorkOnOneMessageAndWhatWasInFlight() {
        Scene scene = Scene.of(40, 500, 80).workers(2, true);
        Result result = ManyImagesSimulation.run(scene);
        assertEquals(scene.total(), result.answered(), scene + ": " + result);
        assertEquals(0, result.dead(), scene + ": " + result);
        assertTrue(result.repeated() <= 500 + IN_FLIGHT, scene + ": " + result);
    }

    /** Rates, hosts, leases and sizes, with 40,000 images each. */
    @Test
    @Slow
    void eachScene() {
        for (double rate : new double[] {10, 80, 900}) {
            double third = 40_000 / rate / 3;
            for (double visibility : new double[] {1, 60}) {
                for (double deadline : new double[] {30, third, 300}) {
                    for (double host : new double[] {0.1, 2}) {
                        for (int each : new int[] {50, 500, 1000}) {
                            answeredOnce(
                                    Scene.of(40_000 / each, each, rate)
                                            .leases(Math.min(visibility, deadline), deadline)
                                            .host(host));
                        }
                    }
                }
            }
        }
    }

    private static Result answeredOnce(Scene scene) {
        Result result = ManyImagesSimulation.run(scene);
        String line = scene + ": " + result;
        assertEquals(scene.total(), result.answered(), line);
        assertEquals(0, result.dead(), line);
        assertEquals(0, result.repeated(), line);
        assertEquals(1, result.maxReceives(), line);
        return result;
    }
}
