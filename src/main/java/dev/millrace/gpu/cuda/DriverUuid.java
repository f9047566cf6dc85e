package dev.millrace.gpu.cuda;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.millrace.nativelib.DynamicLibrary;
import dev.millrace.nativelib.MissingLibraryException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.UUID;

/** The UUID that NVIDIA's driver has for a device, which is the instance's where MIG is on. */
final class DriverUuid {
    private static final ValueLayout.OfLong BIG =
            JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private DriverUuid() {}

    /** Empty where the driver does not say. */
    static Optional<String> of(Libraries libraries, int index) {
        try (Arena arena = Arena.ofConfined()) {
            DynamicLibrary driver = libraries.open("libcuda.so.1");
            MemorySegment device = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment uuid = arena.allocate(2 * BIG.byteSize());
            boolean said =
                    driver.call("cuDeviceGet", device, index) == 0
                            && driver.call(
                                            "cuDeviceGetUuid_v2",
                                            uuid,
                                            device.get(ValueLayout.JAVA_INT, 0))
                                    == 0;
            return said
                    ? Optional.of(
                            new UUID(uuid.get(BIG, 0), uuid.get(BIG, BIG.byteSize())).toString())
                    : Optional.empty();
        } catch (MissingLibraryException e) {
            return Optional.empty();
        }
    }
}
