package dev.millrace.preprocess;

import dev.millrace.testing.Child;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Broken images through all that the preprocess stage does with one, in a process of its own: a
 * crash of native code ends that process, and the parent learns at which image.
 */
public final class Mutations {
    private Mutations() {}

    /** The images of a seed, for whoever sends them elsewhere. */
    public static final class Images {
        private final MutationRun run;

        public Images(long seed) {
            run = new MutationRun(seed, true);
        }

        /** The image of this number, from 0 on. */
        public byte[] image(long number) throws IOException {
            return run.image(number);
        }
    }

    /**
     * What came of a run.
     *
     * @param images those of the seed, and what once did harm
     * @param crash where it did not come to its end, why and at which image
     * @param slowestMs CPU time of the slowest image
     * @param baseBytes resident after all originals were decoded once
     * @param peakBytes the most that was resident from there on
     */
    public record Report(
            Optional<String> crash,
            long images,
            long passed,
            long refused,
            double slowestMs,
            long slowest,
            long baseBytes,
            long peakBytes) {

        /** What it breaks of the promise; empty where it keeps it. */
        public List<String> complaints() {
            List<String> complaints = new ArrayList<>(crash.stream().toList());
            if (slowestMs >= 1000) {
                complaints.add("image %d took %.0f ms".formatted(slowest, slowestMs));
            }
            if (peakBytes - baseBytes >= 300L << 20) {
                complaints.add("RSS rose by %d MiB".formatted(peakBytes - baseBytes >> 20));
            }
            return complaints;
        }

        @Override
        public String toString() {
            return crash.orElseGet(
                    () ->
                            "%,d images: %,d decoded, %,d refused, slowest %.0f ms (image %d), RSS %d MiB + %d MiB"
                                    .formatted(
                                            images,
                                            passed,
                                            refused,
                                            slowestMs,
                                            slowest,
                                            baseBytes >> 20,
                                            peakBytes - baseBytes >> 20));
        }
    }

    /**
     * Runs images {@code from} to {@code from + count} of a seed in a child.
     *
     * @param guarded by the gate; else OpenCV has the bytes as they are, and bombs among them
     * @param folder for what the child leaves behind; crashing images are put into it
     */
    public static Report run(long seed, long from, long count, boolean guarded, Path folder)
            throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Path journal = folder.resolve("journal");
        Files.write(journal, new byte[Long.BYTES]);
        Child.End end =
                Child.run(
                        MutationRun.class,
                        folder,
                        List.of(
                                Long.toString(seed),
                                Long.toString(from),
                                Long.toString(count),
                                Boolean.toString(guarded),
                                journal.toString()));
        if (end.exit() == 0) {
            return parsed(end.said());
        }
        long at = ByteBuffer.wrap(Files.readAllBytes(journal)).getLong();
        Path culprit = folder.resolve("seed-" + seed + "-image-" + at + ".bin");
        Files.write(culprit, new MutationRun(seed, guarded).image(at));
        return new Report(
                Optional.of(
                        "exit %d at image %d of seed %d, kept as %s: %s"
                                .formatted(
                                        end.exit(),
                                        at,
                                        seed,
                                        culprit,
                                        end.said() + end.complained())),
                at - from,
                0,
                0,
                0,
                at,
                0,
                0);
    }

    private static Report parsed(String said) {
        String[] fields = said.substring(said.lastIndexOf("report ")).strip().split(" ");
        return new Report(
                Optional.empty(),
                Long.parseLong(fields[1]),
                Long.parseLong(fields[2]),
                Long.parseLong(fields[3]),
                Long.parseLong(fields[4]) / 1e6,
                Long.parseLong(fields[5]),
                Long.parseLong(fields[6]),
                Long.parseLong(fields[7]));
    }
}
