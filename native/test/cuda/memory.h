// The blocks of memory that the stand-in of the CUDA runtime gave out.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace fake {

class Stream;

/// How far each other stream had come when this one waited for it.
using Seen = std::map<Stream const*, unsigned long long>;

/// A part of memory that work reads or writes.
struct Place {
    void const* address;
    std::size_t bytes;
    bool write;
};

struct Block {
    /// Work of a stream begins to use a part; false where another stream uses it, too, one of the two
    /// writes, and nothing puts them in order.
    bool begin(Stream const* stream, unsigned long long number, Seen const& seen, Place const& place);
    void end(Stream const* stream, unsigned long long number);
    bool inFlight();

    std::uintptr_t start;
    std::size_t bytes;
    bool onDevice;
    int device;
    /// Zeroings by the legacy default stream that are not done.
    std::atomic<int> memsets{0};

private:
    struct Use {
        Stream const* stream;
        unsigned long long number;
        Place place;
    };

    std::mutex mutex_;
    std::vector<Use> uses_;
};

/// What work has to name of the memory that it uses.
struct Use {
    std::shared_ptr<Block> block;
    Place place;
};

/// The block that an address lies in, or null.
std::shared_ptr<Block> blockAt(void const* address);
int blocksAlive();
void forgetBlocks();

}  // namespace fake
