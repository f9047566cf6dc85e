package dev.millrace.quarantine;

import dev.millrace.job.Failure;
import dev.millrace.job.Stage;
import dev.millrace.testing.NativeCrash;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** A trial process that does what the body says. */
final class TrialChild {
    private TrialChild() {}

    public static void main(String[] arguments) throws IOException {
        Trial.serve(
                System.in,
                new FileOutputStream(FileDescriptor.out),
                Duration.ofSeconds(60),
                (task, body) -> run(new String(body, StandardCharsets.UTF_8)));
    }

    private static Optional<Failure> run(String what) {
        switch (what) {
            case "crash" -> NativeCrash.now();
            case "killed" -> kill();
            case "hang" -> hang();
            case "grow" -> System.out.println(new byte[1 << 30].length);
            case "print" -> {
                System.out.print("libnoise: this is no answer");
                System.out.flush();
            }
            case "corrupt" -> {
                return Optional.of(
                        new Failure(Failure.Kind.CORRUPT_IMAGE, Stage.PREPROCESS, "it is cut off"));
            }
            default -> {
                // Harmless.
            }
        }
        return Optional.empty();
    }

    private static void kill() {
        ProcessHandle self = ProcessHandle.current();
        try {
            new ProcessBuilder("kill", "-KILL", Long.toString(self.pid())).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        hang();
    }

    private static void hang() {
        while (true) {
            Thread.onSpinWait();
        }
    }
}
