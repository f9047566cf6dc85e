package dev.millrace.nativelib;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.Optional;

/**
 * A shared library, opened with {@code dlopen} and never closed: what was bound to it stays valid
 * as long as the process. Once it is open, every other library that asks for its SONAME gets this
 * one.
 */
@SuppressWarnings("restricted") // native access is what this is for
public final class DynamicLibrary {
    private static final int RTLD_LAZY = 1;
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle DLOPEN =
            standard("dlopen", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT));
    private static final MethodHandle DLSYM =
            standard("dlsym", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS));
    private static final MethodHandle DLERROR = standard("dlerror", FunctionDescriptor.of(ADDRESS));

    private final String name;
    private final MemorySegment handle;

    private DynamicLibrary(String name, MemorySegment handle) {
        this.name = name;
        this.handle = handle;
    }

    /** A function of the C library. */
    public static MethodHandle standard(
            String function, FunctionDescriptor type, Linker.Option... options) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(function), type, options);
    }

    /**
     * Opens a library by its path, or by its name in the loader's own folders. Throws {@link
     * MissingLibraryException} with the loader's reason.
     */
    public static DynamicLibrary open(String name) throws MissingLibraryException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment handle =
                    (MemorySegment) DLOPEN.invokeExact(arena.allocateFrom(name), RTLD_LAZY);
            if (handle.address() == 0) {
                throw new MissingLibraryException(text((MemorySegment) DLERROR.invokeExact()));
            }
            return new DynamicLibrary(name, handle);
        } catch (MissingLibraryException e) {
            throw e;
        } catch (Throwable e) {
            throw unexpected("dlopen", e);
        }
    }

    /** The path or name that it was opened by. */
    public String name() {
        return name;
    }

    public Optional<MemorySegment> find(String symbol) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found =
                    (MemorySegment) DLSYM.invokeExact(handle, arena.allocateFrom(symbol));
            return found.address() == 0 ? Optional.empty() : Optional.of(found);
        } catch (Throwable e) {
            throw unexpected("dlsym", e);
        }
    }

    /**
     * A function of the library. Throws {@link MissingLibraryException} where it has none of that
     * name.
     */
    public MethodHandle bind(String function, FunctionDescriptor type)
            throws MissingLibraryException {
        MemorySegment symbol =
                find(function)
                        .orElseThrow(
                                () -> new MissingLibraryException(name + " has no " + function));
        return LINKER.downcallHandle(symbol, type);
    }

    /**
     * Calls a function of {@code int}s and addresses that gives an {@code int}: for what is called
     * once, since it is bound anew. Throws {@link MissingLibraryException} where the library has
     * none of that name.
     */
    public int call(String function, Object... arguments) throws MissingLibraryException {
        MemoryLayout[] parameters =
                Arrays.stream(arguments)
                        .map(argument -> argument instanceof Integer ? JAVA_INT : ADDRESS)
                        .toArray(MemoryLayout[]::new);
        MethodHandle bound = bind(function, FunctionDescriptor.of(JAVA_INT, parameters));
        try {
            return (int) bound.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw unexpected(function, e);
        }
    }

    /** A C string, empty for null. */
    public static String text(MemorySegment address) {
        return address.address() == 0
                ? ""
                : address.reinterpret(Long.MAX_VALUE).getString(0).lines().findFirst().orElse("");
    }

    /** Downcalls declare Throwable but only throw for a wrong signature. */
    public static IllegalStateException unexpected(String call, Throwable cause) {
        return new IllegalStateException("cannot call " + call, cause);
    }
}
