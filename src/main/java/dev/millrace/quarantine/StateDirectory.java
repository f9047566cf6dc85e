package dev.millrace.quarantine;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * The folder of one process at a time, in which it leaves what the next one must know. Owns its
 * lock.
 */
public final class StateDirectory implements AutoCloseable {
    private static final String READY = "ready";
    private static final String END = "last-end";
    private static final String FAULT = "last-fault";

    private final Path folder;
    private final FileChannel channel;

    private StateDirectory(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /**
     * Creates the folder where it is missing, and locks it.
     *
     * @param role of the process; there may be one of each
     * @throws IOException with one line
     */
    public static StateDirectory open(Path folder, String role) throws IOException {
        FileChannel channel = null;
        try {
            Files.createDirectories(folder);
            channel =
                    FileChannel.open(
                            folder.resolve(role + ".lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            if (lock(channel) != null) {
                return new StateDirectory(folder, channel);
            }
        } catch (IOException e) {
            if (channel != null) {
                channel.close();
            }
            throw new IOException(
                    folder + " cannot be written (" + e + "); give a folder that this user owns",
                    e);
        }
        channel.close();
        throw new IOException(
                folder + " is in use by another " + role + "; give each a folder of its own");
    }

    private static FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    public CrashJournal journal() throws IOException {
        return new CrashJournal(folder.resolve("native.journal"));
    }

    /** Where the suspects are kept. */
    public Path suspects() {
        return folder.resolve("suspects");
    }

    /** Where images of callers that are poison are kept. */
    public Path poison() {
        return folder.resolve("poison");
    }

    /** Where it is kept how carefully the next worker goes on. */
    public Path caution() {
        return folder.resolve("caution");
    }

    /** Tells the next worker how the one before it ended. */
    public void markEnd(LastEnd end) throws IOException {
        Files.writeString(folder.resolve(END), end.name());
    }

    /**
     * Says how the worker before this one ended, and forgets it. Where nobody saw it, one that had
     * polled and did not say that it ended has crashed.
     */
    public LastEnd takeEnd() throws IOException {
        boolean polled = takeReady();
        Path said = folder.resolve(END);
        LastEnd end = polled ? LastEnd.CRASHED : LastEnd.WELL;
        if (Files.exists(said)) {
            String name = Files.readString(said);
            end = name.equals(LastEnd.KILLED.name()) ? LastEnd.KILLED : LastEnd.CRASHED;
            Files.delete(said);
        }
        return end;
    }

    /** Tells the next worker in a word why this one could not go on. */
    public void markFault(String reason) throws IOException {
        Files.writeString(folder.resolve(FAULT), reason);
    }

    /** Says why the worker before this one could not go on, and forgets it. */
    public Optional<String> takeFault() throws IOException {
        Path said = folder.resolve(FAULT);
        if (!Files.exists(said)) {
            return Optional.empty();
        }
        String reason = Files.readString(said);
        Files.delete(said);
        return Optional.of(reason);
    }

    /** Leaves a sign that a worker has polled. */
    public void markReady() throws IOException {
        Files.writeString(folder.resolve(READY), "");
    }

    /** Says whether there was a sign, and takes it away. */
    public boolean takeReady() throws IOException {
        return Files.deleteIfExists(folder.resolve(READY));
    }

    /** Lets go of the lock. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
