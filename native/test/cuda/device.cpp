// The functions of CUDA on devices and errors.
#include "state.h"

#include <cstdio>

using namespace fake;

extern "C" {

int cudaSetDevice(int device) {
    FAKE_BEGIN("cudaSetDevice");
    if (device < 0 || device >= deviceCount()) {
        return fail(kInvalidDevice);
    }
    choose(device);
    return kSuccess;
}

int cudaGetDevice(int* device) {
    *device = fake::device();
    return kSuccess;
}

int cudaGetDeviceCount(int* count) {
    FAKE_BEGIN("cudaGetDeviceCount");
    *count = deviceCount();
    return kSuccess;
}

int cudaSetDeviceFlags(unsigned) {
    FAKE_BEGIN("cudaSetDeviceFlags");
    return kSuccess;
}

int cudaRuntimeGetVersion(int* version) {
    *version = 13010;
    return kSuccess;
}

int cudaGetLastError() {
    return lastError(false);
}

int cudaPeekAtLastError() {
    return lastError(true);
}

char const* cudaGetErrorName(int error) {
    switch (error) {
        case kInvalidValue: return "cudaErrorInvalidValue";
        case kOutOfMemory: return "cudaErrorMemoryAllocation";
        case kInvalidDevice: return "cudaErrorInvalidDevice";
        case kNoKernelForDevice: return "cudaErrorNoKernelImageForDevice";
        case kUnsupportedPtx: return "cudaErrorUnsupportedPtxVersion";
        case kInvalidHandle: return "cudaErrorInvalidResourceHandle";
        case kIllegalState: return "cudaErrorIllegalState";
        case kSymbolNotFound: return "cudaErrorSymbolNotFound";
        case kNotReady: return "cudaErrorNotReady";
        case kIllegalAddress: return "cudaErrorIllegalAddress";
        case 719: return "cudaErrorLaunchFailure";
        case kCaptureUnsupported: return "cudaErrorStreamCaptureUnsupported";
        case kCaptureInvalidated: return "cudaErrorStreamCaptureInvalidated";
        case kCaptureIsolation: return "cudaErrorStreamCaptureIsolation";
        case kCaptureImplicit: return "cudaErrorStreamCaptureImplicit";
        case kCapturedEvent: return "cudaErrorCapturedEvent";
        case kCaptureWrongThread: return "cudaErrorStreamCaptureWrongThread";
        default: return "cudaErrorUnknown";
    }
}

char const* cudaGetErrorString(int error) {
    return error == kOutOfMemory ? "out of memory" : "something happened";
}

/// A T4's: 40 multiprocessors of 1024 threads.
int cudaDeviceGetAttribute(int* value, int attribute, int device) {
    FAKE_BEGIN("cudaDeviceGetAttribute");
    if (device < 0 || device >= deviceCount()) {
        return fail(kInvalidDevice);
    }
    switch (attribute) {
        case 16: *value = 40; break;
        case 39: *value = 1024; break;
        case 75: *value = capability(device) / 10; break;
        case 76: *value = capability(device) % 10; break;
        default: *value = 0;
    }
    return kSuccess;
}

int cudaDeviceGetPCIBusId(char* bus, int length, int device) {
    FAKE_BEGIN("cudaDeviceGetPCIBusId");
    if (device < 0 || device >= deviceCount()) {
        return fail(kInvalidDevice);
    }
    std::snprintf(bus, static_cast<std::size_t>(length), "0000:00:%02X.0", 0x1e + device);
    return kSuccess;
}
}
