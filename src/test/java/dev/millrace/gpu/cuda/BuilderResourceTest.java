package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.GpuInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuilderResourceTest {
    private static final String PTX = "libnvinfer_builder_resource_ptx.so.10.15.1";
    private static final GpuInfo H100 =
            new GpuInfo(0, "H100", 9, 0, 80L << 30, "13.1", "13.1", "10.15.1.29");

    @TempDir private Path folder;

    @Test
    void theArchitecturesOwnGoesFirst() throws IOException {
        Files.createFile(folder.resolve(PTX));
        Path own = Files.createFile(folder.resolve("libnvinfer_builder_resource_sm75.so.10.15.1"));
        BuilderResource found = BuilderResource.find(StandIn.GPU, List.of(folder));
        assertEquals(own, found.file());
        assertEquals(own.toString(), found.description());
    }

    @Test
    void ptxServesFromSm80On() throws IOException {
        Path ptx = Files.createFile(folder.resolve(PTX));
        BuilderResource found = BuilderResource.find(H100, List.of(folder));
        assertEquals(ptx, found.file());
        assertEquals("libnvinfer_builder_resource_sm90.so.10.15.1", found.askedFor());
        assertRefused(StandIn.GPU, "ptx does not serve sm_75");
    }

    @Test
    void withoutAnyTheRemedyIsNamed() {
        assertRefused(H100, "libnvinfer_builder_resource_sm90.so.10.15.1 is in none of");
    }

    private void assertRefused(GpuInfo gpu, String words) {
        String said =
                assertThrows(
                                DeviceException.class,
                                () -> BuilderResource.find(gpu, List.of(folder)))
                        .getMessage();
        assertTrue(said.contains(words), said);
        assertTrue(said.contains("--trt-lib-dir"), said);
    }

    @Test
    void foldersOfLoadedLibrariesAreFound() {
        Path file = Fakes.file("counter");
        Fakes.open("counter");
        assertEquals(List.of(file.getParent()), BuilderResource.foldersOf("libfake_counter"));
    }
}
