package dev.millrace.preprocess;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;

/** Both implementations, for the tests that run on either. */
enum Resizers {
    JAVA,
    NATIVE;

    /** Skips the test where the build has no native library. */
    Resizer create() {
        if (this == JAVA) {
            return new JavaResizer();
        }
        Optional<Resizer> resizer = NativeResizer.create();
        assumeTrue(resizer.isPresent(), "built without a C++ compiler");
        return resizer.get();
    }
}
