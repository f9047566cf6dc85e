package dev.millrace.deadletters;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Delivery;
import dev.millrace.job.Failure;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Settlement;
import dev.millrace.job.Stage;
import dev.millrace.testing.LogLines;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.Messages;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A line for each message that goes back to the queue, and for no other. */
class GivenBackLogTest {
    private static final Failure FAILURE =
            new Failure(Failure.Kind.FETCH_FAILED, Stage.FETCH, "the host answered 503");

    @TempDir private Path folder;

    private Message message(Settlement settlement) {
        return Messages.of(
                "http://images.test/a.jpg", List.of("safety"), "http://sink.test/", settlement);
    }

    private List<String> lines() throws IOException {
        List<String> lines = new ArrayList<>();
        for (Path file : LastWords.files(folder)) {
            if (Files.exists(file)) {
                lines.addAll(Files.readAllLines(file));
            }
        }
        return lines;
    }

    @Test
    void eachThatGoesBackHasALineInTheFileAndInTheLog() throws IOException {
        List<Outcome> told = new ArrayList<>();
        List<String> logged;
        try (LogLines log = new LogLines("millrace.message.given-back");
                GivenBackLog given = new GivenBackLog(Optional.of(folder))) {
            Settlement settlement = given.before((_, outcome) -> told.add(outcome));
            message(settlement).settle(new Outcome.Delivered());
            message(settlement).settle(new Outcome.Retry(Duration.ofSeconds(30), FAILURE));
            message(settlement).settle(Outcome.Retry.draining(Stage.CALLBACK));
            message(settlement).settle(new Outcome.Rejected(FAILURE));
            Delivery delivery = new Delivery("strange", "receipt", 4, 0, 0);
            settlement.refused(delivery, Optional.empty(), "the body is empty");
            settlement.refused(
                    delivery, Optional.of(Failure.Kind.URL_FORBIDDEN), "port 22 is not allowed");
            logged = log.lines();
        }
        assertEquals(4, told.size());
        assertEquals(logged, lines());
        assertEquals(
                List.of("fetch_failed", "draining", "fetch_failed", "malformed", "url_forbidden"),
                lines().stream().map(line -> LastWord.read(line).orElseThrow().kind()).toList());
        LastWords words = new LastWords();
        words.read(new BufferedReader(Files.newBufferedReader(LastWords.files(folder).getLast())));
        assertEquals("port 22 is not allowed", words.of("strange").orElseThrow().message());
        assertEquals(4, words.of("strange").orElseThrow().receives());
    }

    @Test
    void theFileGoesOnWhereTheLastProcessEnded() throws IOException {
        for (int i = 0; i < 2; i++) {
            try (GivenBackLog given = new GivenBackLog(Optional.of(folder))) {
                message(given.before((_, _) -> {})).settle(new Outcome.Rejected(FAILURE));
            }
        }
        assertEquals(2, lines().size());
    }

    @Test
    void thereAreTwoFilesOfBoundedSize() throws Exception {
        int most = 64 << 10;
        String line = "x".repeat(1023);
        try (GivenBackFile file = new GivenBackFile(folder, most)) {
            for (int i = 0; i < 40; i++) {
                for (int j = 0; j < 20; j++) {
                    file.write(line);
                }
                Thread.sleep(15);
            }
        }
        List<Path> files;
        try (var all = Files.list(folder)) {
            files = all.sorted().toList();
        }
        assertEquals(LastWords.files(folder), files);
        for (Path file : files) {
            // The size is looked at each 100 ms.
            assertTrue(Files.size(file) <= most + (400 << 10), file + " " + Files.size(file));
        }
        assertTrue(lines().size() < 800, "nothing was given up: " + lines().size());
    }

    @Test
    void whereNothingCanBeWrittenNobodyWaitsAndOneLineSaysSo() throws Exception {
        Path none = Files.writeString(folder.resolve("file"), "").resolve("folder");
        List<Outcome> told = new ArrayList<>();
        try (LogLines log = new LogLines("dev.millrace.deadletters");
                GivenBackLog given = new GivenBackLog(Optional.of(none))) {
            Settlement settlement = given.before((_, outcome) -> told.add(outcome));
            for (int i = 0; i < 10_000; i++) {
                message(settlement).settle(new Outcome.Rejected(FAILURE));
            }
            assertEquals(10_000, told.size());
            Loopback.awaitUntil(() -> !log.lines().isEmpty(), 5, () -> "no line");
            assertEquals(1, log.lines().size(), log.lines()::toString);
            assertTrue(
                    log.lines().getFirst().contains("cannot be written"), log.lines().getFirst());
        }
    }
}
