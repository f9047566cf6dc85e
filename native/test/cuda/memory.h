// The blocks of memory that the stand-in of the CUDA runtime gave out.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace fake {

struct Block {
    std::uintptr_t start;
    std::size_t bytes;
    bool onDevice;
    int device;
    /// Work that uses it and is not done.
    std::atomic<int> inFlight{0};
    /// Zeroings by the legacy default stream that are not done.
    std::atomic<int> memsets{0};
};

/// The block that an address lies in, or null.
std::shared_ptr<Block> blockAt(void const* address);
int blocksAlive();
void forgetBlocks();

}  // namespace fake
