package dev.millrace;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Who may import whom; {@code docs/architecture.md} says why. */
class ArchitectureTest {
    private static final String BASE = "dev.millrace.";

    /** Each package and the packages that it may import; a package includes those below it. */
    private static final Map<String, Set<String>> ALLOWED =
            Map.ofEntries(
                    Map.entry("api", Set.of()),
                    // Whoever opens two things needs it.
                    Map.entry("resource", Set.of()),
                    // Native code has one way in, which the device and the resizer share.
                    Map.entry("nativelib", Set.of()),
                    Map.entry("gpu", Set.of("nativelib", "resource")),
                    // Threads, and how they end.
                    Map.entry("duty", Set.of("resource")),
                    Map.entry("job", Set.of("api", "gpu", "resource")),
                    Map.entry("net", Set.of("job")),
                    Map.entry("source", Set.of("job", "duty")),
                    Map.entry("fetch", Set.of("job", "net")),
                    Map.entry("preprocess", Set.of("job", "api", "nativelib", "duty", "resource")),
                    Map.entry("infer", Set.of("job", "gpu", "duty", "resource")),
                    Map.entry("deliver", Set.of("job", "api", "net", "duty")),
                    Map.entry("bundle", Set.of("api", "gpu", "nativelib")),
                    Map.entry("modules", Set.of("api")),
                    // Images that crash native code; the stages see two interfaces of job.
                    Map.entry("quarantine", Set.of("job")),
                    Map.entry(
                            "worker",
                            Set.of(
                                    "api",
                                    "gpu",
                                    "duty",
                                    "job",
                                    "net",
                                    "source",
                                    "fetch",
                                    "preprocess",
                                    "infer",
                                    "deliver",
                                    "bundle",
                                    "modules",
                                    "nativelib",
                                    "quarantine",
                                    "resource")),
                    // Commands read the parts' settings; what runs, they leave to the worker, but
                    // for lanes without a worker, which `engine overlap` measures, the folder that
                    // a
                    // supervisor shares with its worker, and what `doctor` looks at.
                    Map.entry(
                            "cli",
                            Set.of(
                                    "worker",
                                    "bundle",
                                    "source",
                                    "fetch",
                                    "gpu",
                                    "infer",
                                    "nativelib",
                                    "quarantine")));

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("dev.millrace");

    @Test
    void dataFlowsOneWayAndNoStageImportsAStage() {
        layers(ALLOWED).check(CLASSES);
    }

    @Test
    void theRuleFailsWhereAnImportIsNotAllowed() {
        Map<String, Set<String>> strict = new java.util.HashMap<>(ALLOWED);
        strict.put("infer", Set.of("job"));
        assertThrows(AssertionError.class, () -> layers(strict).check(CLASSES));
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.millrace.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void everyPackageIsInTheTable() {
        Set<String> found = new TreeSet<>();
        CLASSES.stream()
                .filter(type -> type.getPackageName().startsWith(BASE))
                .filter(type -> !type.getPackageName().startsWith(BASE + "examples"))
                .forEach(type -> found.add(type.getPackageName().split("\\.")[2]));
        assertEquals(new TreeSet<>(ALLOWED.keySet()), found);
    }

    private static LayeredArchitecture layers(Map<String, Set<String>> allowed) {
        LayeredArchitecture layers =
                Architectures.layeredArchitecture().consideringOnlyDependenciesInLayers();
        for (String name : allowed.keySet()) {
            layers = layers.layer(name).definedBy(BASE + name + "..");
        }
        for (Map.Entry<String, Set<String>> entry : allowed.entrySet()) {
            layers =
                    entry.getValue().isEmpty()
                            ? layers.whereLayer(entry.getKey()).mayNotAccessAnyLayer()
                            : layers.whereLayer(entry.getKey())
                                    .mayOnlyAccessLayers(entry.getValue().toArray(String[]::new));
        }
        return layers.ignoreDependency(resideInAPackage(BASE + "examples.."), alwaysTrue());
    }
}
