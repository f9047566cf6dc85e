package dev.millrace.quarantine;

import dev.millrace.job.Failure;
import dev.millrace.job.Stage;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * What goes through the pipes between a worker and its trial process. Each frame begins with a
 * mark, since native code may print where it should not.
 */
final class Frames {
    private static final int MARK = 0x4d494c4c;

    private Frames() {}

    /** An image and the task whose model is to prepare it. */
    record Question(String task, byte[] body) {}

    static void greet(DataOutputStream out) throws IOException {
        out.writeInt(MARK);
        out.flush();
    }

    static void awaitGreeting(DataInputStream in) throws IOException {
        expectMark(in);
    }

    static void ask(DataOutputStream out, String task, byte[] body) throws IOException {
        out.writeInt(MARK);
        out.writeUTF(task);
        out.writeInt(body.length);
        out.write(body);
        out.flush();
    }

    /** Empty where the worker asks no more. */
    static Optional<Question> question(DataInputStream in) throws IOException {
        try {
            expectMark(in);
        } catch (EOFException e) {
            return Optional.empty();
        }
        String task = in.readUTF();
        byte[] body = new byte[in.readInt()];
        in.readFully(body);
        return Optional.of(new Question(task, body));
    }

    /**
     * @param failure what is wrong with the image, if anything is
     */
    static void answer(DataOutputStream out, Optional<Failure> failure) throws IOException {
        out.writeInt(MARK);
        out.writeBoolean(failure.isPresent());
        failure.ifPresent(
                named -> {
                    try {
                        out.writeUTF(named.kind().name());
                        out.writeUTF(named.message());
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
        out.flush();
    }

    static Optional<Failure> answer(DataInputStream in) throws IOException {
        expectMark(in);
        if (!in.readBoolean()) {
            return Optional.empty();
        }
        String kind = in.readUTF();
        String message = in.readUTF();
        try {
            return Optional.of(new Failure(Failure.Kind.valueOf(kind), Stage.PREPROCESS, message));
        } catch (IllegalArgumentException e) {
            throw new IOException("the trial process named an unknown failure", e);
        }
    }

    private static void expectMark(DataInputStream in) throws IOException {
        if (in.readInt() != MARK) {
            throw new IOException("the trial process wrote something that is no answer");
        }
    }
}
