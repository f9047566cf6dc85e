package dev.millrace.lab.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The steps about the plan of {@code safety}: it is built, compared, measured and reloaded. Where
 * it does not build, they find out what does, and the later ones take that.
 */
final class PlanSteps {
    private static final String BATCH = "8";
    private static final String NEEDS = "needs a plan, and none was built";

    /** As many again follow, for the slope. */
    private static final int RELOADS = 10;

    private static final int ROUNDS = 100;

    /** A plan that is still being built may take as long again: most of the others need it. */
    static final Duration AS_LONG_AGAIN = Duration.ofSeconds(60);

    /** For each of the smaller things that are built where the plan was not. */
    private static final Duration SMALLER = Duration.ofSeconds(15);

    /** What the plan was built in; FP16 where an earlier run has built it. */
    private Optional<String> precision = Optional.of("fp16");

    /** Whether later steps have a plan. */
    boolean built() {
        return precision.isPresent();
    }

    /** Whether the plan is the one that a worker would take. */
    boolean asWorkersWant() {
        return precision.equals(Optional.of("fp16"));
    }

    /** Builds the plan; on failure the one in FP32, then one convolution. */
    void build(StepRun here) throws IOException, InterruptedException {
        precision = Optional.empty();
        here.extend(AS_LONG_AGAIN);
        boolean late = false;
        for (String wanted : List.of("fp16", "fp32")) {
            Verdict plan = verbose(here, "plan in " + wanted, here.host().engine("safety"), wanted);
            if (plan.result() == Verdict.Result.OK) {
                precision = Optional.of(wanted);
                return;
            }
            late |= plan.says().startsWith(Ran.STOPPED);
            here.extend(SMALLER);
        }
        String smallest = here.host().scratch().resolve("convolution").toString();
        here.millrace("a convolution", "engine", "generate", smallest, "--one-convolution");
        Verdict least = verbose(here, "its plan", smallest, "fp32");
        here.note("what is broken", Verdict.failed(broken(least, late)));
    }

    private static String broken(Verdict least, boolean late) {
        if (least.result() == Verdict.Result.OK) {
            return late
                    ? "TensorRT builds one convolution, but does not build this model in its time"
                    : "TensorRT builds one convolution, but not this model";
        }
        return least.says().startsWith(Ran.STOPPED)
                ? "TensorRT does not finish one convolution: it hangs, or takes too long to load"
                : "TensorRT cannot build anything here: look at its builder resource, its"
                        + " libraries and the driver";
    }

    private static Verdict verbose(StepRun here, String name, String bundle, String precision)
            throws IOException, InterruptedException {
        return here.run(
                name,
                Ran::byExitCode,
                Map.of("MILLRACE_TENSORRT_LOG", "verbose"),
                here.host()
                        .millrace(
                                "engine",
                                "build",
                                bundle,
                                "--max-batch",
                                BATCH,
                                "--precision",
                                precision));
    }

    /** Compares the plan with ONNX Runtime in FP32. */
    void verify(StepRun here) throws IOException, InterruptedException {
        if (built()) {
            here.millrace("verify", PlanSteps::agreement, with("verify", here));
        } else {
            here.skip("verify", NEEDS);
        }
    }

    /** What {@code engine verify} found, in a line. */
    static Verdict agreement(Ran ran) {
        if (ran.code() != 0 && ran.lines().stream().noneMatch(line -> line.startsWith("they "))) {
            return ran.byExitCode();
        }
        List<String> found =
                ran.lines().stream().filter(line -> line.contains("largest difference")).toList();
        return Verdict.of(ran.ok(), found.isEmpty() ? "no figures" : String.join("; ", found));
    }

    /** Copies beside computing with TensorRT, launched as graphs and plainly. */
    void overlap(StepRun here) throws IOException, InterruptedException {
        if (!built()) {
            here.skip("overlap", NEEDS);
            return;
        }
        here.each(Duration.ofSeconds(35));
        String[] sizes = {"--batches", "1,4,8", "--rounds", here.host().count(ROUNDS)};
        here.figures("overlap, graphs", Judgement::overlap, with("overlap", here, sizes));
        String[] plain = Arrays.copyOf(sizes, sizes.length + 1);
        plain[sizes.length] = "--plain";
        here.figures("overlap, plain", Judgement::overlap, with("overlap", here, plain));
    }

    /** Reloads by themselves, and of a worker amid traffic. */
    void reload(StepRun here) throws IOException, InterruptedException {
        if (!built()) {
            here.skip("reload", NEEDS);
            return;
        }
        here.each(Duration.ofSeconds(25));
        here.figures("reload", with("reload", here, "--times", here.host().count(RELOADS)));
        if (!asWorkersWant()) {
            here.skip("reload under traffic", "needs the plan in fp16");
            return;
        }
        here.demo(
                "reload under traffic",
                PlanSteps::reloaded,
                "--device",
                "cuda",
                "--tasks",
                "safety",
                "--messages",
                here.host().count(1500),
                "--reloads",
                "3");
    }

    private static Verdict reloaded(JsonNode figures) {
        Verdict demo = Judgement.demo(figures);
        int reloads = figures.path("reloads").asInt();
        return new Verdict(
                reloads > 0 ? demo.result() : Verdict.Result.FAILED,
                reloads + " reloads, " + demo.says());
    }

    private String[] with(String verb, StepRun here, String... others) {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "engine",
                                verb,
                                here.host().engine("safety"),
                                "--max-batch",
                                BATCH,
                                "--precision",
                                precision.orElseThrow()));
        all.addAll(List.of(others));
        return all.toArray(String[]::new);
    }
}
