package dev.millrace.quarantine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.millrace.job.NativeGuard;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrashJournalTest {
    private static final String ID = "6f1f0e9c-5d8a-4a1f-9d53-2f6a3f1c0b77";

    @TempDir private Path folder;
    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("journal");
    }

    @Test
    void whatNativeCodeHasIsThereForTheNextProcess() throws IOException {
        try (CrashJournal journal = new CrashJournal(file);
                NativeGuard one = journal.guard();
                NativeGuard two = journal.guard();
                NativeGuard done = journal.guard()) {
            one.enter(ID);
            two.enter("another");
            done.enter("finished");
            done.leave();
            try (CrashJournal next = new CrashJournal(file)) {
                assertEquals(Set.of(ID, "another"), next.left());
            }
        }
    }

    @Test
    void theJournalKeepsWhatItFoundUntilItIsTold() throws IOException {
        try (CrashJournal journal = new CrashJournal(file)) {
            journal.guard().enter(ID);
        }
        try (CrashJournal second = new CrashJournal(file)) {
            assertEquals(Set.of(ID), second.left());
        }
        try (CrashJournal third = new CrashJournal(file)) {
            assertEquals(Set.of(ID), third.left());
            third.clear();
        }
        try (CrashJournal fourth = new CrashJournal(file)) {
            assertEquals(Set.of(), fourth.left());
        }
    }

    @Test
    void aClosedGuardLeavesNothingAndItsRecordIsUsedAgain() throws IOException {
        try (CrashJournal journal = new CrashJournal(file)) {
            for (int i = 0; i < 3 * CrashJournal.RECORDS; i++) {
                try (NativeGuard guard = journal.guard()) {
                    guard.enter(ID);
                }
            }
            for (int i = 0; i < CrashJournal.RECORDS; i++) {
                journal.guard();
            }
            assertThrows(IllegalStateException.class, journal::guard);
        }
        try (CrashJournal next = new CrashJournal(file)) {
            assertEquals(Set.of(), next.left());
        }
    }

    @Test
    void ofALongIdTheStartIsKept() throws IOException {
        String id = "x".repeat(400);
        try (CrashJournal journal = new CrashJournal(file)) {
            journal.guard().enter(id);
        }
        try (CrashJournal next = new CrashJournal(file)) {
            assertEquals(Set.of(CrashJournal.key(id)), next.left());
            assertEquals(CrashJournal.MAX_ID, CrashJournal.key(id).length());
        }
    }

    @Test
    void aDamagedFileIsNoReasonNotToStart() throws IOException {
        Files.write(file, new byte[] {-1, -1, -1, -1, 7, 7, 7});
        try (CrashJournal journal = new CrashJournal(file)) {
            assertEquals(Set.of(), journal.left());
        }
    }

    @Test
    void aRecordCostsNoMemory() throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (CrashJournal journal = new CrashJournal(file)) {
            NativeGuard guard = journal.guard();
            write(guard, 50_000);
            long before = threads.getCurrentThreadAllocatedBytes();
            long startNs = System.nanoTime();
            write(guard, 100_000);
            long ns = (System.nanoTime() - startNs) / 100_000;
            long bytes = threads.getCurrentThreadAllocatedBytes() - before;
            System.out.printf("a record takes %d ns%n", ns);
            assertTrue(bytes < 10_000, bytes + " bytes for 100,000 records");
        }
    }

    private static void write(NativeGuard guard, int times) {
        for (int i = 0; i < times; i++) {
            guard.enter(ID);
            guard.leave();
        }
    }
}
