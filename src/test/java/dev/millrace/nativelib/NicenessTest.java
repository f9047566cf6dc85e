package dev.millrace.nativelib;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class NicenessTest {
    @Test
    @EnabledOnOs(OS.LINUX)
    void itIsThatOfTheCallingThreadAlone() throws Exception {
        int before = nice();
        assertEquals(Math.min(19, before + 7), onThread(7));
        assertEquals(before, nice());
    }

    private static int onThread(int nice) throws InterruptedException, ExecutionException {
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            return thread.submit(
                            () -> {
                                Niceness.add(nice);
                                return nice();
                            })
                    .get();
        }
    }

    /** The 19th field of the kernel's account of this thread. */
    private static int nice() {
        try {
            String stat = Files.readString(Path.of("/proc/thread-self/stat"));
            return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
