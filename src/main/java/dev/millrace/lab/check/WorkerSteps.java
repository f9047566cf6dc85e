package dev.millrace.lab.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The steps about the whole worker, and about what is left: other models, sizes, a watcher. */
final class WorkerSteps {
    private static final List<String> GPU_METRICS =
            List.of(
                    "nv_gpu_utilization",
                    "nv_gpu_memory_total_bytes",
                    "nv_gpu_memory_used_bytes",
                    "nv_gpu_power_usage",
                    "millrace_gpu_clock_hertz");

    private static final String RESNET_BATCH = "128";

    private final PlanSteps plan;

    WorkerSteps(PlanSteps plan) {
        this.plan = plan;
    }

    /** The worker with both profiles, and what its metrics say of the GPU. */
    void worker(StepRun here) throws IOException, InterruptedException {
        if (!plan.asWorkersWant()) {
            here.skip("worker on the GPU", "needs the plan in fp16, and it was not built");
            here.figures(
                    "worker on the CPU", "--summary-json", Judgement::demo, demo("host", "200"));
            return;
        }
        Path metrics = here.host().scratch().resolve("metrics");
        here.figures(
                "worker, throughput",
                "--summary-json",
                Judgement::demo,
                with(demo("cuda", "2000"), "--metrics", metrics.toString()));
        here.note("its metrics", gpuMetrics(metrics));
        here.figures(
                "worker, latency",
                "--summary-json",
                Judgement::demo,
                with(demo("cuda", "1000"), "--profile", "latency"));
    }

    private static String[] demo(String device, String messages) {
        return new String[] {
            "demo", "--device", device, "--tasks", "safety", "--messages", messages
        };
    }

    private static String[] with(String[] command, String... others) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(List.of(others));
        return all.toArray(String[]::new);
    }

    private static Verdict gpuMetrics(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return Verdict.failed("the worker wrote none");
        }
        List<String> lines = Files.readAllLines(file);
        List<String> found = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (String name : GPU_METRICS) {
            Optional<String> value =
                    lines.stream()
                            .filter(line -> line.startsWith(name + "{"))
                            .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                            .filter(text -> !text.equals("NaN"))
                            .findFirst();
            value.ifPresentOrElse(
                    figure -> found.add(name + " " + figure), () -> missing.add(name));
        }
        return missing.isEmpty()
                ? Verdict.ok(String.join(", ", found))
                : Verdict.failed("not there: " + String.join(", ", missing));
    }

    /** Each by itself, the dearest last. */
    void rest(StepRun here) throws IOException, InterruptedException {
        for (String name : List.of("objects", "text")) {
            Verdict built =
                    here.millrace("plan of " + name, "engine", "build", here.host().engine(name));
            if (built.result() == Verdict.Result.OK) {
                here.millrace(
                        "verify " + name,
                        PlanSteps::agreement,
                        "engine",
                        "verify",
                        here.host().engine(name));
            } else {
                here.skip("verify " + name, "needs its plan");
            }
        }
        sanitizer(here);
        resnet(here);
    }

    private static void resnet(StepRun here) throws IOException, InterruptedException {
        Path folder = here.host().scratch().resolve("resnet50");
        here.millrace("ResNet-50", "engine", "generate", folder.toString(), "--seed", "1");
        Verdict built =
                here.millrace(
                        "plan of ResNet-50",
                        "engine",
                        "build",
                        folder.toString(),
                        "--max-batch",
                        RESNET_BATCH);
        if (built.result() != Verdict.Result.OK) {
            here.skip("overlap, ResNet-50", "needs its plan");
            return;
        }
        String[] sized = {folder.toString(), "--max-batch", RESNET_BATCH};
        here.figures(
                "overlap, ResNet-50",
                Judgement::overlap,
                with(
                        new String[] {"engine", "overlap"},
                        with(sized, "--batches", "1,8,32,128", "--rounds", "50")));
        here.millrace(
                "batch sweep, ResNet-50",
                ran ->
                        ran.ok()
                                ? Verdict.of(true, ran.line("chosen:").orElse(""))
                                : ran.byExitCode(),
                with(new String[] {"engine", "sweep"}, with(sized, "--millis", "300")));
        Files.writeString(
                folder.resolve("model.yaml"),
                Files.readString(folder.resolve("model.yaml"))
                        + "maxBatch: "
                        + RESNET_BATCH
                        + "\n");
        here.figures(
                "worker, ResNet-50",
                "--summary-json",
                Judgement::demo,
                "demo",
                "--device",
                "cuda",
                "--tasks",
                folder.toString(),
                "--messages",
                "2000");
    }

    private static void sanitizer(StepRun here) throws IOException, InterruptedException {
        Optional<String> program = here.host().program("compute-sanitizer");
        if (program.isEmpty() || !here.host().bundle()) {
            here.note("compute-sanitizer", Verdict.absent("compute-sanitizer is not here"));
            return;
        }
        List<String> command =
                new ArrayList<>(
                        List.of(
                                program.get(),
                                "--target-processes",
                                "all",
                                "--error-exitcode",
                                "9"));
        command.addAll(here.host().contract());
        here.run(
                "compute-sanitizer",
                ran ->
                        ran.ok()
                                ? Verdict.ok(ran.line("ERROR SUMMARY").orElse("no errors"))
                                : ran.byExitCode(),
                here.host().contractEnvironment(),
                command);
    }
}
