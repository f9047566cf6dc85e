package dev.millrace.modules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.api.ImageInfo;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.Placement;
import dev.millrace.api.Verdict;
import dev.millrace.api.VisionModule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModulesTest {
    private static ModelSpec spec(String kind, List<String> labels, String... roles) {
        Map<String, String> outputs = new HashMap<>();
        for (String role : roles) {
            outputs.put(role, role);
        }
        return Outputs.spec(kind, labels, outputs, Map.of(), Optional.empty());
    }

    @Test
    void theReadyKindsHaveTheirModules() {
        List<String> labels = List.of("a");
        assertInstanceOf(Classifier.class, Modules.create(spec("classifier", labels, "scores")));
        assertInstanceOf(
                Detector.class, Modules.create(spec("detector", labels, "boxes", "scores")));
        assertInstanceOf(TextDetector.class, Modules.create(spec("text", List.of(), "map")));
    }

    @Test
    void aClassIsFoundByItsName() {
        ModelSpec spec = spec(Fine.class.getName(), List.of());
        VisionModule module = Modules.create(spec);
        assertInstanceOf(Fine.class, module);
        assertEquals(spec, module.spec());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "no.such.Module                             | correct the name",
                "java.lang.String                           | does not extend",
                "dev.millrace.modules.ModulesTest$Abstract  | not abstract",
                "dev.millrace.modules.ModulesTest$Hidden    | make the class public",
                "dev.millrace.modules.ModulesTest$NoSpec    | takes a ModelSpec",
                "dev.millrace.modules.ModulesTest$Failing   | IllegalStateException: no key",
                "dev.millrace.modules.ModulesTest$Unlinked  | add the jars"
            })
    void whatCannotBeCreatedIsOneLine(String kind, String remedy) {
        IllegalArgumentException mistake =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Modules.create(spec(kind, List.of())));
        String message = mistake.getMessage();
        assertEquals(1, message.lines().count(), message);
        assertTrue(message.startsWith("model 'test': kind: '" + kind + "' "), message);
        assertTrue(message.contains(remedy), message);
    }

    /** A bundle is somebody else's file, and may name any class on the class path. */
    @Test
    void aClassThatIsNoModuleIsNotInitialized() {
        assertThrows(
                IllegalArgumentException.class,
                () -> Modules.create(spec(NoModule.class.getName(), List.of())));
        assertEquals(0, INITIALIZED.get());
    }

    private static final AtomicInteger INITIALIZED = new AtomicInteger();

    /** Records that it was initialized. */
    public static final class NoModule {
        static {
            INITIALIZED.incrementAndGet();
        }
    }

    @Test
    void aReadyModuleNamesWhatItsSpecLacks() {
        for (String kind : List.of("classifier", "detector")) {
            IllegalArgumentException mistake =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> Modules.create(spec(kind, List.of(), "boxes", "scores")));
            assertTrue(mistake.getMessage().contains("labels: missing"), mistake.getMessage());
        }
        IllegalArgumentException mistake =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Modules.create(spec("text", List.of(), "scores")));
        assertTrue(mistake.getMessage().contains("the role 'map'"), mistake.getMessage());
    }

    /** As a user would write one. */
    public static class Fine extends VisionModule {
        public Fine(ModelSpec spec) {
            super(spec);
        }

        @Override
        public Verdict postprocess(OutputTensors outputs, ImageInfo image, Placement placement) {
            return Verdict.unlabelled(Map.of());
        }
    }

    /** Has no body to run. */
    public abstract static class Abstract extends VisionModule {
        protected Abstract(ModelSpec spec) {
            super(spec);
        }
    }

    static final class Hidden extends Fine {
        Hidden(ModelSpec spec) {
            super(spec);
        }
    }

    /** Has the wrong constructor. */
    public static final class NoSpec extends Fine {
        public NoSpec() {
            super(null);
        }
    }

    /** Needs something that is not there. */
    public static final class Failing extends Fine {
        public Failing(ModelSpec spec) {
            super(spec);
            throw new IllegalStateException("no key\nin the store");
        }
    }

    /** Cannot be initialised. */
    public static final class Unlinked extends Fine {
        private static final int SIZE = Integer.parseInt("not a number");

        public Unlinked(ModelSpec spec) {
            super(spec);
            assertEquals(0, SIZE);
        }
    }
}
