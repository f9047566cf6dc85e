package dev.millrace.lab.load;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Finds the processes of this machine that accept connections at a port, as Linux knows them. */
public final class ListeningProcesses {
    private static final Path PROC = Path.of("/proc");
    private static final String LISTENS = "0A";
    private static final int HEX = 16;

    private ListeningProcesses() {}

    /** Their ids; none where there are none, or where they are not this user's. */
    public static Set<Long> at(int port) {
        Set<Long> pids = new HashSet<>();
        Set<String> sockets = new HashSet<>();
        try {
            sockets(PROC.resolve("net/tcp"), port, sockets);
            sockets(PROC.resolve("net/tcp6"), port, sockets);
            try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
                for (Path process : processes) {
                    if (holdsOne(process.resolve("fd"), sockets)) {
                        pids.add(Long.parseLong(process.getFileName().toString()));
                    }
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // A system that does not tell; then their CPU time is not known.
        }
        return pids;
    }

    private static void sockets(Path table, int port, Set<String> found) throws IOException {
        if (!Files.exists(table)) {
            return;
        }
        for (String line : Files.readAllLines(table)) {
            // Number, local address, remote one, state, queues, timer, retransmissions, user,
            // timeout, inode.
            String[] fields = line.strip().split("\\s+");
            String local = fields[1];
            int colon = local.lastIndexOf(':');
            if (fields[3].equals(LISTENS)
                    && Integer.parseInt(local.substring(colon + 1), HEX) == port) {
                found.add("socket:[" + fields[9] + "]");
            }
        }
    }

    private static boolean holdsOne(Path descriptors, Set<String> sockets) {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(descriptors)) {
            for (Path descriptor : open) {
                if (sockets.contains(Files.readSymbolicLink(descriptor).toString())) {
                    return true;
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // It has ended, or it is another user's.
        }
        return false;
    }
}
