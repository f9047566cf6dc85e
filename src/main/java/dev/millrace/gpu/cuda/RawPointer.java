package dev.millrace.gpu.cuda;

import org.bytedeco.javacpp.Pointer;

/** An address as the presets take it. It owns nothing. */
final class RawPointer extends Pointer {
    RawPointer(long address) {
        this.address = address;
    }
}
