package dev.millrace.nativelib;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Millrace's own native library, from the jar: {@code native/include/millrace.h} says what its
 * functions do. Opened on first use, for the rest of the process, as are the libraries beside it
 * that stand in for NVIDIA's. Used by any thread.
 */
public final class NativeLibrary {
    private static final int ABI_VERSION = 3;
    private static final String FILE = "libmillrace_native.so";
    private static final String FOLDER = "/dev/millrace/native/linux-x86_64/";

    private static NativeLibrary opened;

    private final MethodHandle deleteObject;
    private final MethodHandle resizeScratch;
    private final MethodHandle resize;
    private final String resizeKernel;

    private NativeLibrary(DynamicLibrary library) throws MissingLibraryException {
        int version = library.call("millrace_abi_version");
        if (version != ABI_VERSION) {
            throw new MissingLibraryException(
                    FILE + " has version " + version + " and this build needs " + ABI_VERSION);
        }
        this.deleteObject =
                library.bind("millrace_delete_object", FunctionDescriptor.ofVoid(JAVA_LONG));
        this.resizeScratch =
                library.bind(
                        "millrace_resize_scratch",
                        FunctionDescriptor.of(
                                JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT,
                                JAVA_INT));
        // Not a critical call: a large image would hold up every thread that waits for a safepoint.
        this.resize =
                library.bind(
                        "millrace_resize",
                        FunctionDescriptor.ofVoid(
                                JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT,
                                JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS,
                                JAVA_LONG, ADDRESS));
        this.resizeKernel = resizeKernel(library);
    }

    private static String resizeKernel(DynamicLibrary library) throws MissingLibraryException {
        try {
            return DynamicLibrary.text(
                    (MemorySegment)
                            library.bind("millrace_resize_kernel", FunctionDescriptor.of(ADDRESS))
                                    .invokeExact());
        } catch (MissingLibraryException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("millrace_resize_kernel", e);
        }
    }

    /** The library. Throws {@link MissingLibraryException}, one line, where it cannot be had. */
    public static synchronized NativeLibrary get() throws MissingLibraryException {
        if (opened == null) {
            opened = load(FOLDER + FILE);
        }
        return opened;
    }

    /** Opens the library of the jar anew. */
    static NativeLibrary load(String resource) throws MissingLibraryException {
        return new NativeLibrary(open(resource));
    }

    /**
     * Opens the jar's library of a name and no code, so that whoever asks the loader for {@code
     * soname} gets it; a lookup in it goes on to the library that it needs. Throws {@link
     * MissingLibraryException}, one line, where the jar has none of that name.
     */
    public static void openStub(String soname) throws MissingLibraryException {
        open(FOLDER + "stubs/" + soname);
    }

    /** Whether {@link #openStub} has a library of that name. */
    public static boolean hasStub(String soname) {
        return NativeLibrary.class.getResource(FOLDER + "stubs/" + soname) != null;
    }

    private static DynamicLibrary open(String resource) throws MissingLibraryException {
        String name = resource.substring(resource.lastIndexOf('/') + 1);
        try (InputStream bytes = NativeLibrary.class.getResourceAsStream(resource)) {
            if (bytes == null) {
                boolean built = NativeLibrary.class.getResource(FOLDER + FILE) != null;
                throw new MissingLibraryException(
                        name
                                + " is not in this build"
                                + (built
                                        ? ""
                                        : ", which was made without a C++ compiler; build with g++ and CMake"));
            }
            Path file = Files.createTempFile(NativeFolder.get(), "millrace", Unpacked.UNFINISHED);
            try {
                Files.copy(bytes, file, StandardCopyOption.REPLACE_EXISTING);
                return DynamicLibrary.open(file.toString());
            } finally {
                // The loader has mapped it and needs the name no more.
                Files.delete(file);
            }
        } catch (UnloadableLibraryException e) {
            throw new MissingLibraryException(name + ": " + e.getMessage());
        } catch (IOException e) {
            throw new MissingLibraryException(
                    "%s cannot be unpacked (%s); name another folder in %s"
                            .formatted(name, FolderTrial.reason(e), NativeFolder.VARIABLE));
        }
    }

    /** Frees a C++ object whose first virtual function is its destructor; 0 is left alone. */
    public void delete(long object) {
        try {
            deleteObject.invokeExact(object);
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("millrace_delete_object", e);
        }
    }

    /** What {@link #resize} computes with on this CPU. */
    public String resizeKernel() {
        return resizeKernel;
    }

    /** How many bytes of scratch memory {@link #resize} needs. */
    public long resizeScratch(
            int filter, int width, int height, int fullWidth, int fullHeight, int windowWidth) {
        try {
            return (long)
                    resizeScratch.invokeExact(
                            filter, width, height, fullWidth, fullHeight, windowWidth);
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("millrace_resize_scratch", e);
        }
    }

    /**
     * Writes a window of the image, resized with the filter of this number: 0 bilinear, 1 bicubic.
     * Nothing is checked: the caller gives memory that holds what the sides and distances say, and
     * a window that lies inside.
     */
    public void resize(
            int filter,
            MemorySegment source,
            int width,
            int height,
            long rowBytes,
            int fullWidth,
            int fullHeight,
            int left,
            int top,
            int windowWidth,
            int windowHeight,
            MemorySegment target,
            long targetRowBytes,
            MemorySegment scratch) {
        try {
            resize.invokeExact(
                    filter,
                    source,
                    width,
                    height,
                    rowBytes,
                    fullWidth,
                    fullHeight,
                    left,
                    top,
                    windowWidth,
                    windowHeight,
                    target,
                    targetRowBytes,
                    scratch);
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("millrace_resize", e);
        }
    }
}
