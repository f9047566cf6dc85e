package dev.millrace.gpu.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.Event;
import dev.millrace.gpu.Stream;
import dev.millrace.nativelib.MissingLibraryException;
import dev.millrace.resource.Resources;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;

/**
 * Kernels of our own, given as PTX text that the driver compiles for the card, and how streams wait
 * for each other: what experiments need of CUDA and a worker does not. Each kernel takes one 64-bit
 * number. Used by one thread; closed before its device, when no kernel runs any more.
 */
public final class CudaKernels implements AutoCloseable {
    private static final MemoryLayout DIM3 =
            MemoryLayout.structLayout(JAVA_INT, JAVA_INT, JAVA_INT);
    private static final int BLOCK = 1024;

    /** Of {@code cudaDeviceAttr}. */
    private static final int MULTIPROCESSORS = 16;

    private static final int THREADS_PER_MULTIPROCESSOR = 39;

    private final Resources resources = new Resources();
    private final CudaDevice device;
    private final Arena arena = resources.own(Arena.ofConfined());
    private final CudaCall getKernel;
    private final CudaCall launchKernel;
    private final CudaCall streamWaitEvent;
    private final long library;
    private final int blocks;

    /** Throws {@link DeviceException} where the driver does not take the text. */
    public CudaKernels(CudaDevice device, String ptx) {
        this.device = device;
        Cuda cuda = device.cuda();
        try {
            getKernel = cuda.bind("LibraryGetKernel", ADDRESS, JAVA_LONG, JAVA_LONG);
            launchKernel =
                    cuda.bind("LaunchKernel", JAVA_LONG, DIM3, DIM3, ADDRESS, JAVA_LONG, JAVA_LONG);
            streamWaitEvent = cuda.bind("StreamWaitEvent", JAVA_LONG, JAVA_LONG, JAVA_INT);
            CudaCall unload = cuda.bind("LibraryUnload", JAVA_LONG);
            blocks =
                    attribute(cuda, MULTIPROCESSORS)
                            * Math.max(1, attribute(cuda, THREADS_PER_MULTIPROCESSOR) / BLOCK);
            library = load(cuda, arena.allocateFrom(ptx).address());
            resources.own(() -> unload.call(library));
        } catch (MissingLibraryException e) {
            resources.closeAfter(e);
            throw new DeviceException(e.getMessage(), e);
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /** Without options of the compiler or of the library. */
    private static long load(Cuda cuda, long text) throws MissingLibraryException {
        CudaCall loadData =
                cuda.bind(
                        "LibraryLoadData",
                        ADDRESS,
                        JAVA_LONG,
                        JAVA_LONG,
                        JAVA_LONG,
                        JAVA_INT,
                        JAVA_LONG,
                        JAVA_LONG,
                        JAVA_INT);
        return loadData.make(text, 0L, 0L, 0, 0L, 0L, 0);
    }

    private int attribute(Cuda cuda, int attribute) throws MissingLibraryException {
        MemorySegment value = arena.allocate(JAVA_INT);
        cuda.bind("DeviceGetAttribute", ADDRESS, JAVA_INT, JAVA_INT)
                .callBoxed(value, attribute, device.gpu().index());
        return value.get(JAVA_INT, 0);
    }

    /**
     * A kernel on all of the GPU: in as many threads as it holds at a time, so that a second one
     * waits for the first as those of a large batch do.
     */
    public Kernel everywhere(String name, long argument) {
        return new Kernel(name, blocks, BLOCK, argument);
    }

    /** A kernel in one thread. */
    public Kernel once(String name, long argument) {
        return new Kernel(name, 1, 1, argument);
    }

    /** Lets what {@code stream} is given from now on wait for {@code event}. */
    public void await(Stream stream, Event event) {
        device.cuda();
        streamWaitEvent.callBoxed(((CudaStream) stream).handle(), ((CudaEvent) event).handle(), 0);
    }

    @Override
    public void close() {
        resources.close();
    }

    /** One kernel with its number and its size. */
    public final class Kernel {
        private final long function;
        private final MemorySegment grid;
        private final MemorySegment block;
        private final MemorySegment arguments = arena.allocate(ADDRESS);

        private Kernel(String name, int blocks, int threads, long argument) {
            this.function = getKernel.make(library, arena.allocateFrom(name).address());
            this.grid = arena.allocateFrom(JAVA_INT, blocks, 1, 1);
            this.block = arena.allocateFrom(JAVA_INT, threads, 1, 1);
            arguments.set(ADDRESS, 0, arena.allocateFrom(JAVA_LONG, argument));
        }

        /** Puts it into {@code stream}. */
        public void launch(Stream stream) {
            device.cuda();
            launchKernel.callBoxed(
                    function, grid, block, arguments, 0L, ((CudaStream) stream).handle());
        }
    }
}
