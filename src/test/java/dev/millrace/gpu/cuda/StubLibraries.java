package dev.millrace.gpu.cuda;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Empty libraries under NVIDIA's names, for processes of their own: a name sticks to a process. */
public final class StubLibraries {
    private StubLibraries() {}

    /** Puts an empty {@code libcuda.so.1} into {@code folder} and gives the folder. */
    public static Path emptyDriver(Path folder) throws IOException {
        return StubLibrary.write(folder, "libcuda.so.1", List.of()).getParent();
    }
}
