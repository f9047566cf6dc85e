package dev.millrace;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.GivenClasses;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/**
 * Leases, limits and breakers go by the monotonic clock, so that a jump of the wall clock ends
 * nothing. The wall clock is read for what others see only: the time in a callback's signature and
 * in its result.
 */
class ClockTest {
    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("dev.millrace");

    @Test
    void noDecisionIsMadeByTheWallClock() {
        readNoWallClock(
                        "dev.millrace.source..",
                        "dev.millrace.job..",
                        "dev.millrace.net..",
                        "dev.millrace.fetch..",
                        "dev.millrace.infer..",
                        "dev.millrace.preprocess..")
                .check(CLASSES);
    }

    @Test
    void theRuleFailsWhereTheWallClockIsRead() {
        Assertions.assertThrows(
                AssertionError.class,
                () -> readNoWallClock("dev.millrace.deliver..").check(CLASSES));
    }

    /** Its pauses go by the wall clock, so that a jump ends them or stretches them. */
    @Test
    void nobodyWaitsByATimerOfTheWallClock() {
        usesNoTimer(noClasses()).check(CLASSES);
    }

    @Test
    void theRuleFailsWhereATimerIsUsed() {
        Assertions.assertThrows(
                AssertionError.class,
                () ->
                        usesNoTimer(noClasses())
                                .check(new ClassFileImporter().importClasses(WithTimer.class)));
    }

    private static final class WithTimer {
        @SuppressWarnings("unused")
        static java.util.Timer timer() {
            return new java.util.Timer();
        }
    }

    private static ArchRule usesNoTimer(GivenClasses classes) {
        return classes.should()
                .dependOnClassesThat()
                .areAssignableTo(java.util.Timer.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(java.util.TimerTask.class);
    }

    private static ArchRule readNoWallClock(String... packages) {
        return noClasses()
                .that()
                .resideInAnyPackage(packages)
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(Clock.class, "systemUTC");
    }
}
