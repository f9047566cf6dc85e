package dev.millrace.bundle.plan;

import dev.millrace.bundle.BundleCache;
import dev.millrace.bundle.BundleException;
import dev.millrace.gpu.PlanCompiler;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Where plans are: in the folder {@code plans/} of a bundle, for who ships them, else in the cache
 * by what they were made of and for. A plan appears whole or not at all, and of several who want
 * the same one, in this process or in others, one builds and the others wait.
 *
 * @param cache the one that the bundle was loaded into
 */
public record PlanStore(Path cache) {
    private static final String PLAN = "model.plan";

    /** File locks are between processes; threads of one need their own. */
    private static final Map<Path, Object> BUILDING = new ConcurrentHashMap<>();

    /**
     * How to build.
     *
     * @param optBatch images per batch that kernels are chosen for
     * @param workspaceBytes of device memory that a kernel may use as scratch
     * @param limit of the time that it takes
     */
    public record BuildSettings(int optBatch, long workspaceBytes, Duration limit) {
        /** With the usual limit. */
        public BuildSettings(int optBatch, long workspaceBytes) {
            this(optBatch, workspaceBytes, PlanCompiler.Options.DEFAULT_LIMIT);
        }
    }

    /** A plan that fits the demand, where there is one. */
    public Optional<Path> find(PlanDemand demand) {
        return candidates(demand).stream()
                .filter(plan -> PlanMatch.refusal(plan, demand).isEmpty())
                .findFirst();
    }

    /** Why the plans that are there do not fit, one line each; says so where there are none. */
    public List<String> refusals(PlanDemand demand) {
        return candidates(demand).stream()
                .flatMap(plan -> PlanMatch.refusal(plan, demand).stream())
                .toList();
    }

    private List<Path> candidates(PlanDemand demand) {
        List<Path> plans = new ArrayList<>();
        Path shipped = demand.bundle().origin().folder().resolve("plans");
        if (Files.isDirectory(shipped)) {
            try (Stream<Path> files = Files.list(shipped)) {
                files.filter(file -> file.toString().endsWith(".plan"))
                        .sorted()
                        .forEach(plans::add);
            } catch (IOException e) {
                throw failed(shipped, e);
            }
        }
        plans.add(place(demand));
        return plans;
    }

    /** Where the cache keeps such a plan. */
    Path place(PlanDemand demand) {
        return cache.resolve("plans")
                .resolve(demand.key())
                .resolve(demand.platform() + "-" + demand.precision().label())
                .resolve(PLAN);
    }

    /**
     * A plan that fits, built now where there is none and {@code onMissing} allows it.
     *
     * @param compiler asked only when something is to be built; not closed
     * @param progress told the phase and how much of it is done, 0 to 1
     * @throws BundleException with one line where no plan fits and none may be built
     */
    public Path obtain(
            PlanDemand demand,
            Supplier<PlanCompiler> compiler,
            BuildSettings settings,
            OnMissing onMissing,
            BiConsumer<String, Double> progress) {
        Optional<Path> found = find(demand);
        if (found.isPresent()) {
            return found.get();
        }
        if (onMissing == OnMissing.FAIL) {
            // What is shipped stands first, and is what its owner expected to be taken.
            throw new BundleException(refusals(demand).getFirst());
        }
        Path plan = place(demand);
        return locked(
                plan,
                () ->
                        // Whoever held the lock before may have built it.
                        find(demand)
                                .orElseGet(
                                        () -> {
                                            build(demand, compiler.get(), settings, plan, progress);
                                            return plan;
                                        }));
    }

    /** Builds a plan anew, whatever is there. */
    public void build(
            PlanDemand demand,
            PlanCompiler compiler,
            BuildSettings settings,
            Path plan,
            BiConsumer<String, Double> progress) {
        Path folder = plan.toAbsolutePath().getParent();
        Path building =
                folder.resolve("." + plan.getFileName() + "." + ProcessHandle.current().pid());
        try {
            Files.createDirectories(folder);
            try {
                compiler.build(
                        PlanGraphs.of(demand.bundle(), demand.precision()),
                        new PlanCompiler.Options(
                                1,
                                settings.optBatch(),
                                demand.maxBatch(),
                                settings.workspaceBytes(),
                                Optional.of(timingCache(demand)),
                                settings.limit()),
                        building,
                        progress);
                PlanCompiler.OptimizationProfile profile =
                        new PlanCompiler.OptimizationProfile(
                                1, settings.optBatch(), demand.maxBatch());
                byte[] sidecar =
                        Sidecar.of(demand, profile, compiler.builderResource(), building).json();
                // Between the two moves the old sidecar does not know the new plan's hash.
                Files.move(
                        building,
                        plan,
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
                BundleCache.replace(Sidecar.beside(plan.toAbsolutePath()), sidecar);
            } finally {
                Files.deleteIfExists(building);
            }
        } catch (IOException e) {
            throw failed(plan, e);
        }
    }

    /** What TensorRT measured, which makes the next build on such a GPU shorter. */
    private Path timingCache(PlanDemand demand) throws IOException {
        Path folder = Files.createDirectories(cache.resolve("timing"));
        return folder.resolve(demand.platform() + ".cache");
    }

    private static Path locked(Path plan, Supplier<Path> work) {
        Path lock = plan.resolveSibling(".lock");
        synchronized (BUILDING.computeIfAbsent(lock, path -> new Object())) {
            try {
                Files.createDirectories(lock.getParent());
                try (FileChannel channel =
                                FileChannel.open(
                                        lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                        FileLock held = channel.lock()) {
                    assert held.isValid();
                    return work.get();
                }
            } catch (IOException e) {
                throw failed(plan, e);
            }
        }
    }

    private static BundleException failed(Path place, IOException e) {
        return BundleException.of(
                place,
                "plan",
                e,
                "cannot be read or written; set MILLRACE_CACHE to a folder that this user may write to");
    }
}
