/* What the Java side cannot do by itself; called through java.lang.foreign. */
#ifndef MILLRACE_H
#define MILLRACE_H

#include <stdint.h>

#ifdef __cplusplus
#define MILLRACE_NOEXCEPT noexcept
extern "C" {
#else
#define MILLRACE_NOEXCEPT
#endif

#define MILLRACE_API __attribute__((visibility("default")))

/* Raised whenever a function changes or goes; the Java side refuses any other. */
#define MILLRACE_ABI_VERSION 3

MILLRACE_API int millrace_abi_version(void) MILLRACE_NOEXCEPT;

/*
 * Runs the destructor of a C++ object whose first virtual function is its destructor, and frees it.
 * That holds for TensorRT's contexts, engines, runtimes, builders, configurations, networks, host
 * memory, timing caches and inspectors. It does not hold for the ONNX parser or for loggers, which
 * must not be given to it. A null pointer is left alone.
 */
MILLRACE_API void millrace_delete_object(void* object) MILLRACE_NOEXCEPT;

/* What millrace_resize computes with on this CPU, for the log: "AVX-512", "AVX2" or "portable". */
MILLRACE_API char const* millrace_resize_kernel(void) MILLRACE_NOEXCEPT;

/* What an image is resized with: the filters of these names of Pillow. */
#define MILLRACE_BILINEAR 0
#define MILLRACE_BICUBIC 1

/* How many bytes of scratch memory millrace_resize needs; grows with the sides, not with the area. */
MILLRACE_API int64_t millrace_resize_scratch(int32_t filter, int32_t width, int32_t height,
                                             int32_t full_width, int32_t full_height,
                                             int32_t window_width) MILLRACE_NOEXCEPT;

/*
 * Resizes uint8 [height, width, 3] to full_width * full_height with the filter and writes the window of
 * window_width * window_height at (left, top) of it. All sides are at least 1 and the window lies
 * inside. Gives the same bytes as Resizer's version in Java on every CPU. Rows are row_bytes apart in
 * the source and target_row_bytes in the target; nothing between the target's pixels is written. The
 * scratch memory begins at a multiple of 8 (of 64 it is faster) and is the caller's, one for each
 * thread; nothing is allocated or kept.
 */
MILLRACE_API void millrace_resize(int32_t filter, uint8_t const* source, int32_t width,
                                  int32_t height, int64_t row_bytes, int32_t full_width,
                                  int32_t full_height, int32_t left, int32_t top,
                                  int32_t window_width, int32_t window_height, uint8_t* target,
                                  int64_t target_row_bytes, void* scratch) MILLRACE_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
