package dev.millrace.serve.oip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Requests that are cut off, changed at random, or say of themselves what is not so. */
class BrokenInferenceTest {
    private static final Path INPUTS =
            Path.of("src", "test", "resources", "fuzz", "InferenceRequestFuzz");
    private static final int INPUTS_EACH = 20_000;
    private static final String[] TOKENS = {
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\\u",
        "\\ud83d",
        "\\u0000",
        "\0",
        "\n",
        "-",
        "-1",
        "0",
        "1",
        "4294967296",
        "99999999999999999999",
        "1e999",
        "null",
        "true",
        "NaN",
        "\u2028",
        "\ufeff",
        "ä",
        "[[",
        "]]",
        "\"data\":",
        "\"shape\":[",
        "\"parameters\":{",
        "\"binary_data_size\":",
        "==",
        "\"content\":\"url\"",
        "\"content\":\"base64\"",
        "\u00ff\u00ff\u00ff\u00ff",
        "\0\0\0\u0080"
    };

    private static List<byte[]> seeds() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        try (Stream<Path> files = Files.list(INPUTS)) {
            for (Path file : files.sorted().toList()) {
                seeds.add(Files.readAllBytes(file));
            }
        }
        return seeds;
    }

    private static void take(byte[] input, String which) {
        try {
            InferenceRequestFuzz.fuzzerTestOneInput(input);
        } catch (Throwable e) {
            throw new AssertionError(
                    which + ": " + new String(input, StandardCharsets.ISO_8859_1), e);
        }
    }

    @Test
    void cutOffAnywhere() throws Exception {
        for (byte[] seed : seeds()) {
            for (int length = 0; length < seed.length; length++) {
                take(Arrays.copyOf(seed, length), "cut off at " + length);
            }
        }
    }

    @Test
    void eachBitFlipped() throws Exception {
        for (byte[] seed : seeds()) {
            for (int bit = 0; bit < 8 * seed.length; bit++) {
                byte[] flipped = seed.clone();
                flipped[bit / 8] ^= (byte) (1 << bit % 8);
                take(flipped, "bit " + bit);
            }
        }
    }

    @Test
    void brokenAtRandom() throws Exception {
        List<byte[]> seeds = seeds();
        SplittableRandom random = new SplittableRandom(20261128);
        for (int i = 0; i < INPUTS_EACH; i++) {
            byte[] input = seeds.get(random.nextInt(seeds.size()));
            for (int times = 1 + random.nextInt(4); times > 0; times--) {
                input = broken(input, seeds, random);
            }
            take(input, "input " + i);
        }
    }

    /** Something is left out, repeated, exchanged for a token or taken from another input. */
    private static byte[] broken(byte[] input, List<byte[]> seeds, SplittableRandom random) {
        int from = random.nextInt(input.length + 1);
        int to = Math.min(input.length, from + random.nextInt(30));
        byte[] token =
                TOKENS[random.nextInt(TOKENS.length)].getBytes(
                        random.nextBoolean()
                                ? StandardCharsets.UTF_8
                                : StandardCharsets.ISO_8859_1);
        byte[] other = seeds.get(random.nextInt(seeds.size()));
        int at = random.nextInt(other.length);
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        result.write(input, 0, from);
        switch (random.nextInt(5)) {
            case 0 -> {}
            case 1 -> {
                result.write(input, from, to - from);
                result.write(input, from, to - from);
            }
            case 2 -> result.writeBytes(token);
            case 3 -> {
                result.writeBytes(token);
                result.write(input, from, to - from);
            }
            default -> result.write(other, at, Math.min(30, other.length - at));
        }
        result.write(input, to, input.length - to);
        return result.toByteArray();
    }

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static long allocated(Requests request) throws BadRequestException {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        InferenceRequest read = request.read();
        long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertEquals(1, read.images().size());
        return bytes;
    }

    private static final String HEAD =
            "{\"inputs\":[{\"name\":\"image\",\"shape\":[1],\"datatype\":\"BYTES\",";
    private static final int IMAGE = 8 << 20;

    /** Base64 never becomes a text, and binary data is copied once. */
    @Test
    void anImageIsAllocatedOnce() throws Exception {
        byte[] image = new byte[IMAGE];
        new SplittableRandom(1).nextBytes(image);
        Requests bare = Requests.bare("image/jpeg", image);
        Requests json =
                Requests.json(
                        HEAD
                                + "\"data\":[\""
                                + Base64.getEncoder().encodeToString(image)
                                + "\"]}]}");
        Requests binary =
                Requests.binary(
                        HEAD + "\"parameters\":{\"binary_data_size\":" + (IMAGE + 4) + "}}]}",
                        Requests.elements(image));
        for (int i = 0; i < 3; i++) {
            allocated(bare);
            allocated(json);
            allocated(binary);
        }
        long slack = 256 << 10;
        long ofBare = allocated(bare);
        long ofJson = allocated(json);
        long ofBinary = allocated(binary);
        System.out.printf("8 MiB: bare %,d, base64 %,d, binary %,d%n", ofBare, ofJson, ofBinary);
        assertTrue(ofBare < slack, "bare: " + ofBare);
        assertTrue(ofJson < IMAGE + slack, "base64: " + ofJson);
        assertTrue(ofBinary < IMAGE + slack, "binary: " + ofBinary);
    }

    /** Of a body that is only there to cost, nothing is kept that grows with it. */
    @Test
    void whatIsNotAskedForIsNotKept() throws Exception {
        String valid = HEAD + "\"data\":[\"AAAA\"]}]";
        for (String extra :
                List.of(
                        ",\"x\":\"" + "y".repeat(IMAGE) + "\"",
                        ",\"x\":[" + "1234567890,".repeat(30_000) + "1]",
                        ",\"x\":[" + "{},".repeat(30_000) + "{}]",
                        " ".repeat(IMAGE))) {
            Requests request = Requests.json(valid + extra + "}");
            allocated(request);
            long bytes = allocated(request);
            assertTrue(bytes < 4 << 20, extra.substring(0, 5) + ": " + bytes);
        }
    }
}
