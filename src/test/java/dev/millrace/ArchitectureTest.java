package dev.millrace;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.millrace.faults.Undefended;
import dev.millrace.testing.Slow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may import whom; {@code docs/design/architecture.md} says why. */
class ArchitectureTest {
    private static final String BASE = "dev.millrace.";

    /** The packages through which a message goes; they know {@code job} and not each other. */
    private static final List<String> STAGES =
            List.of("source", "fetch", "preprocess", "infer", "deliver");

    private static final Pattern IMPORT =
            Pattern.compile("(?m)^import (?:static )?dev\\.millrace\\.([a-z.]+)\\.[A-Z]");

    /** Of the laboratory alone; the worker is shipped without them. */
    private static final String[] LABORATORY_LIBRARIES = {
        "org.elasticmq..",
        "scala..",
        "org.apache.pekko..",
        "org.h2..",
        "org.knowm.xchart..",
        "de.erichseifert..",
        "org.HdrHistogram.."
    };

    /** Each package and the packages that it may import: the table of the architecture. */
    private static final Map<String, Set<String>> TABLE = table();

    private static Map<String, Set<String>> table() {
        Map<String, Set<String>> table = new TreeMap<>();
        try (Stream<String> lines = Files.lines(Path.of("docs/design/architecture.md"))) {
            lines.filter(line -> line.matches("\\| `[a-z.]+` \\|.*\\|.*\\|"))
                    .map(line -> line.split("\\|"))
                    .forEach(
                            cells -> table.put(names(cells[1]).iterator().next(), names(cells[3])));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return table;
    }

    private static Set<String> names(String cell) {
        Set<String> names = new TreeSet<>();
        for (String word : cell.split("[^a-z.]+")) {
            if (!word.isEmpty()) {
                names.add(word);
            }
        }
        return names;
    }

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("dev.millrace");

    private static final ArchRule FOLLOWS_THE_TABLE =
            classes().that().resideInAPackage("dev.millrace..").should(importWhatTheTableAllows());

    private static final ArchRule NO_STAGE_IMPORTS_A_STAGE =
            slices().assignedFrom(assignment(STAGES, "stage")).should().notDependOnEachOther();

    private static final ArchRule NO_CYCLES =
            slices().assignedFrom(assignment(List.copyOf(TABLE.keySet()), "package"))
                    .should()
                    .beFreeOfCycles();

    private static final ArchRule LABORATORY_STAYS_OUTSIDE =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("dev.millrace.lab..")
                    .should()
                    .dependOnClassesThat(
                            resideInAPackage("dev.millrace.lab..")
                                    .or(resideInAnyPackage(LABORATORY_LIBRARIES)));

    private static final ArchRule OPENTELEMETRY_STAYS_IN_TRACE =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("dev.millrace.trace")
                    .should()
                    .dependOnClassesThat(resideInAPackage("io.opentelemetry.."));

    @TempDir Path folder;

    @Test
    void eachPackageImportsWhatTheTableAllows() {
        FOLLOWS_THE_TABLE.check(CLASSES);
    }

    @Test
    void noStageImportsAStage() {
        NO_STAGE_IMPORTS_A_STAGE.check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        NO_CYCLES.check(CLASSES);
    }

    @Test
    void theWorkerKnowsNothingOfTheLaboratory() {
        LABORATORY_STAYS_OUTSIDE.check(CLASSES);
    }

    @Test
    void onePackageKnowsOpenTelemetry() {
        OPENTELEMETRY_STAYS_IN_TRACE.check(CLASSES);
    }

    @Test
    void theTableNamesEachPackageAndNoImportThatNobodyNeeds() throws Exception {
        Map<String, Set<String>> found = new TreeMap<>();
        for (JavaClass type : CLASSES) {
            if (type.getPackageName().startsWith(BASE) && !isExample(type)) {
                Set<String> imports = found.computeIfAbsent(packageOf(type), _ -> new TreeSet<>());
                imported(type).forEach(to -> imports.add(packageOf(to.getTargetClass())));
            }
        }
        // A constant leaves no trace in the class that uses it.
        Path root = Path.of("src/main/java/dev/millrace");
        for (Map.Entry<String, Set<String>> home : found.entrySet()) {
            try (Stream<Path> files = Files.list(root.resolve(home.getKey().replace('.', '/')))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    IMPORT.matcher(Files.readString(file))
                            .results()
                            .map(line -> line.group(1))
                            .filter(name -> !name.equals(home.getKey()))
                            .forEach(home.getValue()::add);
                }
            }
        }
        assertEquals(lines(TABLE), lines(found));
    }

    private static String lines(Map<String, Set<String>> table) {
        StringBuilder lines = new StringBuilder();
        table.forEach((name, imports) -> lines.append(name + " " + imports + "\n"));
        return lines.toString();
    }

    /** Each rule fails on a class that breaks it, which is compiled into the package. */
    @ParameterizedTest
    @CsvSource({
        "TABLE,      modules, dev.millrace.net.UrlPolicy",
        "TABLE,      api,     dev.millrace.job.Message",
        "STAGES,     infer,   dev.millrace.fetch.Fetcher",
        "STAGES,     source,  dev.millrace.deliver.CallbackClient",
        "CYCLES,     job,     dev.millrace.deliver.CallbackClient",
        "CYCLES,     bundle,  dev.millrace.bundle.plan.PlanStore",
        "CYCLES,     bundle.tail, dev.millrace.bundle.graph.Bundles",
        "TELEMETRY,  fetch,   io.opentelemetry.api.trace.Span",
        "LABORATORY, worker,  dev.millrace.lab.demo.LocalQueue",
        "LABORATORY, cli,     org.knowm.xchart.XYChart"
    })
    @Slow
    void aPlantedViolationFails(String rule, String home, String used) throws Exception {
        Path source = folder.resolve("sources/Planted.java");
        Files.createDirectories(source.getParent());
        Files.writeString(
                source, "package %s; class Planted { %s used; }".formatted(BASE + home, used));
        Path classes = Files.createDirectories(folder.resolve("classes"));
        Undefended.compile(source.getParent(), classes);
        JavaClasses planted =
                new ClassFileImporter().importPaths(Path.of("target/classes"), classes);
        ArchRule broken =
                switch (rule) {
                    case "TABLE" -> FOLLOWS_THE_TABLE;
                    case "STAGES" -> NO_STAGE_IMPORTS_A_STAGE;
                    case "CYCLES" -> NO_CYCLES;
                    case "TELEMETRY" -> OPENTELEMETRY_STAYS_IN_TRACE;
                    default -> LABORATORY_STAYS_OUTSIDE;
                };
        AssertionError error = assertThrows(AssertionError.class, () -> broken.check(planted));
        assertTrue(error.getMessage().contains("Planted"), error.getMessage());
    }

    private static ArchCondition<JavaClass> importWhatTheTableAllows() {
        return new ArchCondition<>("import what the table of the architecture allows") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                if (type.getPackageName().startsWith(BASE) && !isExample(type)) {
                    Set<String> allowed = TABLE.getOrDefault(packageOf(type), Set.of());
                    imported(type)
                            .filter(to -> !allowed.contains(packageOf(to.getTargetClass())))
                            .map(Dependency::getDescription)
                            .forEach(line -> events.add(SimpleConditionEvent.violated(type, line)));
                }
            }
        };
    }

    /** What it needs of Millrace's other packages. */
    private static Stream<Dependency> imported(JavaClass type) {
        return type.getDirectDependenciesFromSelf().stream()
                .filter(to -> to.getTargetClass().getPackageName().startsWith(BASE))
                .filter(to -> !packageOf(to.getTargetClass()).equals(packageOf(type)));
    }

    private static String packageOf(JavaClass type) {
        return type.getPackageName().substring(BASE.length());
    }

    private static boolean isExample(JavaClass type) {
        return packageOf(type).equals("examples");
    }

    /** One slice for each of these packages, by its whole name. */
    private static SliceAssignment assignment(List<String> packages, String what) {
        return new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass type) {
                String name = type.getPackageName();
                return name.startsWith(BASE) && packages.contains(name.substring(BASE.length()))
                        ? SliceIdentifier.of(name.substring(BASE.length()))
                        : SliceIdentifier.ignore();
            }

            @Override
            public String getDescription() {
                return "each " + what;
            }
        };
    }
}
