/* What the Java side cannot do by itself; called through java.lang.foreign. */
#ifndef MILLRACE_H
#define MILLRACE_H

#ifdef __cplusplus
#define MILLRACE_NOEXCEPT noexcept
extern "C" {
#else
#define MILLRACE_NOEXCEPT
#endif

#define MILLRACE_API __attribute__((visibility("default")))

/* Raised whenever a function changes or goes; the Java side refuses any other. */
#define MILLRACE_ABI_VERSION 1

MILLRACE_API int millrace_abi_version(void) MILLRACE_NOEXCEPT;

/*
 * Runs the destructor of a C++ object whose first virtual function is its destructor, and frees it.
 * That holds for TensorRT's contexts, engines, runtimes, builders, configurations, networks, host
 * memory, timing caches and inspectors. It does not hold for the ONNX parser or for loggers, which
 * must not be given to it. A null pointer is left alone.
 */
MILLRACE_API void millrace_delete_object(void* object) MILLRACE_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
