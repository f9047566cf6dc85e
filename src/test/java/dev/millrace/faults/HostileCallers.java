package dev.millrace.faults;

import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.RawCaller;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What callers do to a server that they mean no good, each with what it comes to. */
final class HostileCallers {
    /** After so long each that is too slow must have been hung up on. */
    private static final int TOO_LONG_S = 25;

    private static final int MANY = 200;
    static final int CROWD = 10_000;
    private static final int GIGABYTE = 1 << 30;
    private static final String INFER =
            "POST /v2/models/safety/infer HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\n";
    private static final String LIVE = "GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private HostileCallers() {}

    /** What they do. */
    interface Doing {
        /** Says what it came to, and whether that is as it should be. */
        Result run(Target target) throws Exception;
    }

    record Target(int port, long pid, byte[] photo) {}

    record Result(boolean good, String line) {}

    /**
     * @param defences that are switched off for the control; none where there is no control
     */
    record Attack(String name, Doing doing, List<Change> defences) {}

    static List<Attack> all() {
        return List.of(
                new Attack(
                        "slow heads", HostileCallers::slowHeads, List.of(Without.TIME_FOR_HEADS)),
                new Attack(
                        "slow bodies", HostileCallers::slowBodies, List.of(Without.RATE_OF_BODIES)),
                new Attack("half-closed connections", HostileCallers::halfClosed, List.of()),
                new Attack(
                        "%,d connections".formatted(CROWD),
                        HostileCallers::crowd,
                        List.of(Without.MOST_CONNECTIONS)),
                new Attack(
                        "bodies of 1 GB",
                        HostileCallers::largeBodies,
                        List.of(Without.CAP_OF_BODIES)),
                new Attack("garbage", HostileCallers::garbage, List.of()),
                new Attack(
                        "pipelining without reading",
                        HostileCallers::pipelining,
                        List.of(Without.TIME_FOR_ANSWERS)),
                new Attack("wrong lengths", HostileCallers::wrongLengths, List.of()),
                new Attack(
                        "smuggling",
                        HostileCallers::smuggling,
                        List.of(Without.ONE_READING_OF_HEADS)));
    }

    private static Result slowHeads(Target target) throws Exception {
        return drip(target, "POST /v2/models/safety/infer HTTP/1.1\r\nX: ", "x");
    }

    private static Result slowBodies(Target target) throws Exception {
        return drip(target, INFER + "Content-Length: 100000\r\n\r\n", "x");
    }

    /** A byte each second, until the server hangs up. */
    private static Result drip(Target target, String first, String then) throws Exception {
        List<Boolean> hungUp =
                each(
                        MANY,
                        () -> {
                            try (RawCaller caller = new RawCaller(target.port)) {
                                caller.send(first);
                                for (int i = 0; i < TOO_LONG_S; i++) {
                                    if (caller.isHungUpWithin(1000)) {
                                        return true;
                                    }
                                    caller.send(then);
                                }
                                return false;
                            } catch (IOException e) {
                                return true;
                            }
                        });
        return all(hungUp, "hung up on within %d s".formatted(TOO_LONG_S));
    }

    private static Result all(List<Boolean> each, String what) {
        long good = each.stream().filter(one -> one).count();
        return new Result(good == each.size(), "%d of %d %s".formatted(good, each.size(), what));
    }

    private static Result halfClosed(Target target) throws Exception {
        List<Boolean> ended = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            int part = target.photo.length * round / 2;
            ended.addAll(
                    each(
                            MANY / 4,
                            () -> {
                                try (RawCaller caller = new RawCaller(target.port)) {
                                    String length = "Content-Length: " + target.photo.length;
                                    caller.send(INFER + length + "\r\n\r\n");
                                    OutputStream out = caller.socket.getOutputStream();
                                    out.write(target.photo, 0, part);
                                    caller.socket.shutdownOutput();
                                    return caller.isHungUpWithin(TOO_LONG_S * 1000);
                                }
                            }));
        }
        return all(ended, "hung up on");
    }

    /** Hung up on are those that ask for nothing, not one that is there before and in use. */
    private static Result crowd(Target target) throws Exception {
        Process crowd =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                HostileCrowd.class.getName(),
                                Integer.toString(target.port),
                                Integer.toString(CROWD))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader says = crowd.inputReader();
                RawCaller older = new RawCaller(target.port)) {
            // It is there before the crowd, and in use.
            while (!says.ready()) {
                older.send(LIVE).answer();
                Thread.sleep(50);
            }
            int opened = Integer.parseInt(says.readLine());
            Thread.sleep(3000);
            crowd.getOutputStream().write('\n');
            crowd.getOutputStream().flush();
            int kept = Integer.parseInt(says.readLine());
            long limit = HostileCallersFT.handlesAtMost(target.pid) / 2;
            return new Result(
                    opened > 0.95 * CROWD && kept <= Math.min(8192, limit),
                    "%,d opened by another process, %,d kept".formatted(opened, kept));
        } finally {
            crowd.destroyForcibly();
        }
    }

    /** Half say how much comes, and send it all the same; half do not say. */
    private static Result largeBodies(Target target) throws Exception {
        byte[] piece =
                ("100000\r\n" + "x".repeat(0x100000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        List<Long> sent = new ArrayList<>();
        for (String length : List.of("Content-Length: " + GIGABYTE, "Transfer-Encoding: chunked")) {
            sent.addAll(
                    each(
                            4,
                            () -> {
                                long bytes = 0;
                                try (RawCaller caller = new RawCaller(target.port)) {
                                    caller.send(INFER + length + "\r\n\r\n");
                                    while (bytes < GIGABYTE) {
                                        caller.send(piece);
                                        bytes += piece.length;
                                    }
                                } catch (IOException e) {
                                    // The server has hung up.
                                }
                                return bytes;
                            }));
        }
        long most = sent.stream().mapToLong(one -> one).max().orElseThrow() >> 20;
        // Beside the cap of 20 MiB, sockets' buffers on both sides.
        return new Result(
                most <= 64, "%d were cut, at %d MiB at most".formatted(sent.size(), most));
    }

    private static Result garbage(Target target) throws Exception {
        List<Boolean> ended = new ArrayList<>();
        for (int seed = 0; seed < MANY; seed++) {
            byte[] bytes = new byte[20_000];
            new SplittableRandom(seed).nextBytes(bytes);
            try (RawCaller caller = new RawCaller(target.port)) {
                caller.send(bytes);
                ended.add(caller.isHungUpWithin(TOO_LONG_S * 1000));
            } catch (IOException e) {
                ended.add(true);
            }
        }
        // A library may have something to say of each of these.
        for (String head :
                List.of("Host: localhost\r\nHost: b", "Host: a b", "Host: [", "X\u0000: y")) {
            for (int i = 0; i < MANY / 4; i++) {
                try (RawCaller caller = new RawCaller(target.port)) {
                    caller.send("GET /v2?a=%zz HTTP/1.1\r\n" + head + "\r\n\r\n");
                    ended.add(caller.isHungUpWithin(TOO_LONG_S * 1000));
                }
            }
        }
        return all(ended, "hung up on");
    }

    /** Much is asked and no answer read: what waits to be sent must not stay for long. */
    private static Result pipelining(Target target) throws Exception {
        // Its answer is large, so that the kernel's buffers are soon full.
        String large = LIVE.replace("/v2/health/live", "/openapi.json");
        byte[] requests = large.repeat(2000).getBytes(StandardCharsets.US_ASCII);
        List<Boolean> hungUp =
                each(
                        MANY / 4,
                        () -> {
                            RawCaller caller = new RawCaller(target.port, 4096);
                            Thread.ofVirtual().start(() -> closeLate(caller));
                            try {
                                for (int i = 0; i < 1000; i++) {
                                    caller.send(requests);
                                }
                                return false;
                            } catch (IOException e) {
                                return !caller.socket.isClosed();
                            } finally {
                                caller.close();
                            }
                        });
        return all(hungUp, "hung up on within %d s".formatted(TOO_LONG_S));
    }

    private static void closeLate(RawCaller caller) {
        try {
            Thread.sleep(TOO_LONG_S * 1000);
            caller.close();
        } catch (IOException | InterruptedException e) {
            // The server has closed it before.
        }
    }

    private static Result wrongLengths(Target target) throws Exception {
        List<Boolean> ended = new ArrayList<>();
        for (int more : new int[] {-1000, 1000, -target.photo.length + 1, 1 << 20}) {
            ended.addAll(
                    each(
                            MANY / 8,
                            () -> {
                                int length = target.photo.length + more;
                                try (RawCaller caller = new RawCaller(target.port)) {
                                    caller.send(INFER + "Content-Length: " + length + "\r\n\r\n");
                                    caller.send(target.photo);
                                    return caller.isHungUpWithin(TOO_LONG_S * 1000);
                                } catch (IOException e) {
                                    return true;
                                }
                            }));
        }
        return all(ended, "hung up on");
    }

    /** A second request hides in the body of the first, for those that read its head otherwise. */
    private static Result smuggling(Target target) throws Exception {
        List<Boolean> refused = new ArrayList<>();
        for (String head :
                List.of(
                        "Content-Length: %d\r\nTransfer-Encoding: chunked",
                        "Transfer-Encoding: chunked\r\nContent-Length: %d",
                        "Content-Length: %d\r\nContent-Length: 5",
                        "Content-Length: 5\r\nContent-Length: %d")) {
            String hidden = "0\r\n\r\n" + LIVE;
            try (RawCaller caller = new RawCaller(target.port)) {
                caller.send(INFER + head.formatted(hidden.length()) + "\r\n\r\n" + hidden);
                int status = caller.answer().status();
                refused.add(status == 400 && caller.isHungUpWithin(TOO_LONG_S * 1000));
            }
        }
        return all(refused, "refused, and the connection closed");
    }

    private static <T> List<T> each(int count, Callable<T> one) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> begun = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                begun.add(threads.submit(one));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : begun) {
                results.add(future.get());
            }
            return results;
        }
    }
}
