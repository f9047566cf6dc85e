package dev.millrace.gpu.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.millrace.nativelib.DynamicLibrary;
import dev.millrace.nativelib.MissingLibraryException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One function of the CUDA runtime: bound once, each call checked, its name in the error. The calls
 * that a batch makes go through {@code call}, which has the types of each on the spot and allocates
 * nothing; the others may box. Used by any thread.
 */
final class CudaCall {
    private final String name;
    private final MethodHandle function;
    private final CudaErrors errors;

    CudaCall(DynamicLibrary runtime, CudaErrors errors, String name, MemoryLayout... parameters)
            throws MissingLibraryException {
        this.name = name;
        this.function = runtime.bind(name, FunctionDescriptor.of(JAVA_INT, parameters));
        this.errors = errors;
    }

    void call(int argument) {
        int code;
        try {
            code = (int) function.invokeExact(argument);
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected(name, e);
        }
        errors.check(code, name);
    }

    void call(long handle) {
        errors.check(code(handle), name);
    }

    /** Whether it succeeded; false for the one code that is no error. */
    boolean callUnless(int expected, long handle) {
        int code = code(handle);
        if (code == expected) {
            return false;
        }
        errors.check(code, name);
        return true;
    }

    private int code(long handle) {
        try {
            return (int) function.invokeExact(handle);
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected(name, e);
        }
    }

    void call(long handle, long other) {
        int code;
        try {
            code = (int) function.invokeExact(handle, other);
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected(name, e);
        }
        errors.check(code, name);
    }

    void call(long handle, long other, long third) {
        int code;
        try {
            code = (int) function.invokeExact(handle, other, third);
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected(name, e);
        }
        errors.check(code, name);
    }

    void call(long to, long from, long bytes, int kind, long stream) {
        int code;
        try {
            code = (int) function.invokeExact(to, from, bytes, kind, stream);
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected(name, e);
        }
        errors.check(code, name);
    }

    /** A call with any arguments, which are boxed. */
    void callBoxed(Object... arguments) {
        int code;
        try {
            code = (int) function.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected(name, e);
        }
        errors.check(code, name);
    }

    /** What the function makes: the number that it writes where its one address leads to. */
    long make(Object... arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment made = arena.allocate(JAVA_LONG);
            List<Object> all = new ArrayList<>(Arrays.asList(arguments));
            all.add(function.type().parameterList().indexOf(MemorySegment.class), made);
            callBoxed(all.toArray());
            return made.get(JAVA_LONG, 0);
        }
    }
}
