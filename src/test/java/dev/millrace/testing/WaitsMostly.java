package dev.millrace.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Set;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.ResourceLocksProvider;

/**
 * A class whose tests wait more than they compute, or compute in other processes: they run beside
 * those of other classes. The lock keeps its methods in order, which concurrent execution alone
 * would not, and one such class of a package at a time, since those of one package watch the same
 * loggers.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(providers = WaitsMostly.OfThePackage.class)
public @interface WaitsMostly {
    /** The lock of the package in which a class is. */
    final class OfThePackage implements ResourceLocksProvider {
        @Override
        public Set<Lock> provideForClass(Class<?> testClass) {
            return Set.of(new Lock("those of " + testClass.getPackageName() + " that wait mostly"));
        }
    }
}
