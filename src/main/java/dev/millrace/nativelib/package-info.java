/**
 * Shared libraries by {@code java.lang.foreign}. {@link dev.millrace.nativelib.DynamicLibrary}
 * opens any by its name, which {@code gpu.cuda} does with NVIDIA's; {@link
 * dev.millrace.nativelib.NativeLibrary} is Millrace's own, out of the jar, which {@code preprocess}
 * and {@code gpu.cuda} call. Depends on nothing of Millrace.
 */
package dev.millrace.nativelib;
