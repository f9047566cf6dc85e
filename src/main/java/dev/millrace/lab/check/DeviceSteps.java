package dev.millrace.lab.check;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The steps that need no plan: the card, the device's contract, streams, a lost device. */
final class DeviceSteps {
    /** Of {@code nvidia-smi}, in this order, and how the report calls them. */
    private static final List<String[]> QUERY =
            List.of(
                    new String[] {"name", "card"},
                    new String[] {"compute_cap", "compute capability"},
                    new String[] {"driver_version", "driver"},
                    new String[] {"memory.total", "memory"},
                    new String[] {"clocks.sm", "SM clock now"},
                    new String[] {"clocks.max.sm", "SM clock at most"},
                    new String[] {"clocks.mem", "memory clock now"},
                    new String[] {"power.draw", "power now"},
                    new String[] {"power.limit", "power limit"},
                    new String[] {"temperature.gpu", "temperature, °C"},
                    new String[] {"pcie.link.gen.current", "PCIe generation now"},
                    new String[] {"pcie.link.gen.max", "PCIe generation at most"},
                    new String[] {"pcie.link.width.current", "PCIe lanes now"},
                    new String[] {"pcie.link.width.max", "PCIe lanes at most"},
                    new String[] {"mig.mode.current", "MIG"},
                    new String[] {"ecc.mode.current", "ECC"});

    private static final Pattern TESTS = Pattern.compile("\\[ +(\\d+) (tests|containers) (\\w+)");
    private static final long ALLOWED_BYTES = 1 << 20;

    private DeviceSteps() {}

    /** What the card and its driver are, and whether all that Millrace needs is there. */
    static void host(StepRun here) throws IOException, InterruptedException {
        Optional<String> smi = here.host().program("nvidia-smi");
        if (smi.isPresent()) {
            String fields = String.join(",", QUERY.stream().map(field -> field[0]).toList());
            here.run(
                    "card",
                    ran -> card(ran, here.report()),
                    Map.of(),
                    List.of(smi.get(), "--query-gpu=" + fields, "--format=csv,noheader"));
        } else {
            here.note("card", Verdict.absent("nvidia-smi was not found"));
        }
        List<String> contents = here.host().contents();
        if (!contents.isEmpty()) {
            here.report().fact("bundle", String.join("; ", contents));
        }
        contents.stream()
                .filter(line -> line.contains("PTX"))
                .forEach(line -> here.report().fact("builder resource", line));
        here.millrace("doctor", ran -> doctor(ran, here.report()), "doctor", "--require-gpu");
    }

    private static Verdict card(Ran ran, Report report) {
        if (!ran.ok() || ran.lines().isEmpty()) {
            return ran.byExitCode();
        }
        String[] values = ran.lines().getFirst().split(", *");
        for (int i = 0; i < QUERY.size() && i < values.length; i++) {
            report.fact(QUERY.get(i)[1], values[i]);
        }
        return Verdict.of(values.length == QUERY.size(), ran.lines().getFirst());
    }

    private static Verdict doctor(Ran ran, Report report) {
        Optional<String> gpu = ran.line(" GPU: ");
        gpu.map(line -> line.replaceFirst("^\\w+ +GPU: ", ""))
                .ifPresent(found -> report.fact("doctor", found));
        Verdict verdict = ran.byExitCode();
        return ran.ok() ? Verdict.of(gpu.isPresent(), gpu.orElse("doctor names no GPU")) : verdict;
    }

    /** What the stages rely on, by tests; none may be skipped where there is a GPU. */
    static void contract(StepRun here) throws IOException, InterruptedException {
        here.run(
                "contract",
                ran -> tests(ran, here.host().bundle()),
                here.host().contractEnvironment(),
                here.host().contract());
    }

    private static Verdict tests(Ran ran, boolean counted) {
        List<String> failed = ran.lines().stream().filter(line -> line.contains("[X]")).toList();
        if (!failed.isEmpty()) {
            return Verdict.failed(failed.getFirst().replaceFirst("^[|'+\\- ]+", ""));
        }
        if (!ran.ok() || !counted) {
            return ran.byExitCode();
        }
        int successful = 0;
        List<String> others = new ArrayList<>();
        for (String line : ran.lines()) {
            Matcher found = TESTS.matcher(line);
            if (!found.find() || found.group(1).equals("0")) {
                continue;
            }
            if (found.group(3).matches("skipped|aborted|failed")) {
                others.add(found.group(1) + " " + found.group(2) + " " + found.group(3));
            } else if (found.group(2).equals("tests") && found.group(3).equals("successful")) {
                successful = Integer.parseInt(found.group(1));
            }
        }
        return others.isEmpty()
                ? Verdict.of(successful > 0, successful + " tests successful")
                : Verdict.failed(String.join(", ", others) + " although there is a GPU");
    }

    /** Whether copies hide behind computing, without TensorRT. */
    static void streams(StepRun here) throws IOException, InterruptedException {
        here.figures("streams", Judgement::streams, "engine", "streams");
    }

    /** An illegal address in a process: what its user reads, and that the card is as before. */
    static void fault(StepRun here) throws IOException, InterruptedException {
        List<Long> free = new ArrayList<>();
        Judgement keep =
                figures -> {
                    free.add(figures.path("free_bytes").asLong(-1));
                    return Verdict.ok((free.getLast() >> 20) + " MiB of the card are free");
                };
        String[] brief = {"engine", "streams", "--rows", "8", "--spin", "0.1", "--millis", "20"};
        here.figures("before the fault", keep, brief);
        here.millrace("fault", DeviceSteps::oneLine, "engine", "fault");
        Verdict after = here.figures("after the fault", keep, brief);
        if (free.size() == 2 && after.result() == Verdict.Result.OK) {
            long missing = free.getFirst() - free.getLast();
            here.note(
                    "given back",
                    Verdict.of(
                            missing <= ALLOWED_BYTES,
                            "%d KiB of the card did not come back".formatted(missing >> 10)));
        }
    }

    private static Verdict oneLine(Ran ran) {
        boolean good = ran.code() == 1 && !ran.stopped() && ran.lines().size() == 1;
        if (good && ran.lines().getFirst().contains("CUDA reported no error")) {
            return Verdict.failed(ran.lines().getFirst());
        }
        return good
                ? Verdict.ok(ran.lines().getFirst())
                : Verdict.failed(
                        "the command should end with exit code 1 and one line, but ended with exit code %d and %s; %s"
                                .formatted(
                                        ran.code(),
                                        ran.lines().size() == 1
                                                ? "1 line"
                                                : ran.lines().size() + " lines",
                                        ran.byExitCode().says()));
    }
}
