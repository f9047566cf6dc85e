/**
 * The device seam on an NVIDIA GPU. {@link dev.millrace.gpu.cuda.GpuProbe} comes first and touches
 * nothing that dies without a driver; {@link dev.millrace.gpu.cuda.CudaDevice} makes memory,
 * streams and events through the CUDA runtime, bound once by {@code java.lang.foreign}; {@link
 * dev.millrace.gpu.cuda.TensorRtEngine} and {@link dev.millrace.gpu.cuda.TensorRtCompiler} are the
 * only users of TensorRT's presets, whose objects {@code nativelib} frees. {@code worker} and
 * {@code bundle} come in by the interfaces of {@code gpu}.
 */
package dev.millrace.gpu.cuda;
