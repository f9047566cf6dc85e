package dev.millrace.gpu.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.millrace.gpu.DeviceException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Millrace's own native library, from the jar: it frees what the presets cannot. Opened on first
 * use, for the rest of the process.
 */
final class NativeLibrary {
    private static final int ABI_VERSION = 1;
    private static final String FILE = "libmillrace_native.so";
    private static final String RESOURCE = "/dev/millrace/native/linux-x86_64/" + FILE;

    private static NativeLibrary opened;

    private final MethodHandle deleteObject;

    private NativeLibrary(DynamicLibrary library) throws MissingLibraryException {
        int version = version(library);
        if (version != ABI_VERSION) {
            throw new MissingLibraryException(
                    FILE + " has version " + version + " and this build needs " + ABI_VERSION);
        }
        this.deleteObject =
                library.bind("millrace_delete_object", FunctionDescriptor.ofVoid(JAVA_LONG));
    }

    private static int version(DynamicLibrary library) throws MissingLibraryException {
        try {
            return (int)
                    library.bind("millrace_abi_version", FunctionDescriptor.of(JAVA_INT))
                            .invokeExact();
        } catch (MissingLibraryException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("millrace_abi_version", e);
        }
    }

    /** The library. Throws {@link DeviceException}, one line, where it cannot be had. */
    static synchronized NativeLibrary get() {
        if (opened == null) {
            opened = load(RESOURCE);
        }
        return opened;
    }

    /** Opens the library of the jar anew. */
    static NativeLibrary load(String resource) {
        try (InputStream bytes = NativeLibrary.class.getResourceAsStream(resource)) {
            if (bytes == null) {
                throw new MissingLibraryException(
                        FILE + " is not in this build, which was made without a C++ compiler");
            }
            Path file = Files.createTempFile("millrace", ".so");
            try {
                Files.copy(bytes, file, StandardCopyOption.REPLACE_EXISTING);
                return new NativeLibrary(DynamicLibrary.open(file.toString()));
            } finally {
                // The loader has mapped it and needs the name no more.
                Files.delete(file);
            }
        } catch (MissingLibraryException | IOException e) {
            throw new DeviceException(
                    "TensorRT's objects cannot be freed: "
                            + e.getMessage()
                            + "; build with g++ and CMake, and let "
                            + System.getProperty("java.io.tmpdir")
                            + " be writable and not noexec",
                    false,
                    e);
        }
    }

    /** Frees a C++ object whose first virtual function is its destructor; 0 is left alone. */
    void delete(long object) {
        try {
            deleteObject.invokeExact(object);
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("millrace_delete_object", e);
        }
    }
}
