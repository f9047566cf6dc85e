package dev.millrace.lab.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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
            demo(here, "worker on the CPU", 200, "--device", "host", "--tasks", "safety");
            return;
        }
        here.each(Duration.ofSeconds(35));
        Path metrics = here.host().scratch().resolve("metrics");
        String[] safety = {"--device", "cuda", "--tasks", "safety"};
        demo(here, "worker, throughput", 2000, with(safety, "--metrics", metrics.toString()));
        here.note("its metrics", gpuMetrics(metrics));
        demo(here, "worker, latency", 1000, with(safety, "--profile", "latency"));
    }

    private static void demo(StepRun here, String name, int messages, String... arguments)
            throws IOException, InterruptedException {
        String[] count = {"--messages", here.host().count(messages)};
        here.demo(name, Judgement::demo, with(arguments, count));
    }

    private static String[] with(String[] arguments, String... others) {
        return Stream.of(arguments, others).flatMap(Stream::of).toArray(String[]::new);
    }

    private static Verdict gpuMetrics(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return Verdict.failed("the worker wrote none");
        }
        List<String> lines = Files.readAllLines(file);
        List<String> found = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (String name : GPU_METRICS) {
            lines.stream()
                    .filter(line -> line.startsWith(name + "{") && !line.endsWith(" NaN"))
                    .findFirst()
                    .map(line -> name + line.substring(line.lastIndexOf(' ')))
                    .ifPresentOrElse(found::add, () -> missing.add(name));
        }
        return missing.isEmpty()
                ? Verdict.ok(String.join(", ", found))
                : Verdict.failed("not there: " + String.join(", ", missing));
    }

    /** Each by itself, the dearest last. */
    void rest(StepRun here) throws IOException, InterruptedException {
        here.each(Duration.ofSeconds(45));
        for (String name : List.of("objects", "text")) {
            String engine = here.host().engine(name);
            Verdict built = here.millrace("plan of " + name, "engine", "build", engine);
            if (built.result() == Verdict.Result.OK) {
                here.millrace("verify " + name, PlanSteps::agreement, "engine", "verify", engine);
            } else {
                here.skip("verify " + name, "needs its plan");
            }
        }
        resnet(here);
        sanitizer(here);
    }

    private static void resnet(StepRun here) throws IOException, InterruptedException {
        Path folder = here.host().scratch().resolve("resnet50");
        String bundle = folder.toString();
        Verdict generated = here.millrace("ResNet-50", "engine", "generate", bundle, "--seed", "1");
        if (generated.result() != Verdict.Result.OK) {
            here.skip("plan of ResNet-50", "needs the model");
            return;
        }
        // Every command after it then asks for the same plan, the worker too.
        Files.writeString(
                folder.resolve("model.yaml"),
                "maxBatch: " + RESNET_BATCH + "\n",
                StandardOpenOption.APPEND);
        Verdict built = here.millrace("plan of ResNet-50", "engine", "build", bundle);
        if (built.result() != Verdict.Result.OK) {
            here.skip("overlap, sweep and worker", "need the plan of ResNet-50");
            return;
        }
        here.figures(
                "overlap, ResNet-50",
                Judgement::overlap,
                "engine",
                "overlap",
                bundle,
                "--batches",
                "1,8,32," + RESNET_BATCH,
                "--rounds",
                here.host().count(50));
        demo(here, "worker, ResNet-50", 2000, "--device", "cuda", "--tasks", bundle);
        here.millrace(
                "batch sweep, ResNet-50",
                ran -> ran.ok() ? Verdict.ok(ran.line("chosen:").orElse("")) : ran.byExitCode(),
                "engine",
                "sweep",
                bundle,
                "--millis",
                here.host().count(300));
    }

    private static void sanitizer(StepRun here) throws IOException, InterruptedException {
        Optional<String> program = here.host().program("compute-sanitizer");
        if (program.isEmpty() || !here.host().bundle()) {
            here.note("compute-sanitizer", Verdict.absent("compute-sanitizer was not found"));
            return;
        }
        List<String> command = new ArrayList<>(List.of(program.get(), "--target-processes", "all"));
        command.addAll(List.of("--error-exitcode", "9"));
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
