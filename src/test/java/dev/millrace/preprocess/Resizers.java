package dev.millrace.preprocess;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.api.ResizeFilter;
import java.util.Optional;

/** Both implementations, for the tests that run on either. */
enum Resizers {
    JAVA,
    NATIVE;

    Resizer create() {
        return create(ResizeFilter.BILINEAR);
    }

    /** Skips the test where the build has no native library. */
    Resizer create(ResizeFilter filter) {
        if (this == JAVA) {
            return new JavaResizer(filter);
        }
        Optional<Resizer> resizer = NativeResizer.create(filter);
        assumeTrue(resizer.isPresent(), "built without a C++ compiler");
        return resizer.get();
    }
}
