// Memory of the card is the host's, with what CUDA asks of its addresses: a copy goes from one kind to
// the other and stays in its blocks, and a block is taken from the card's bytes.
#include "memory.h"

#include "stream.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>

namespace fake {
namespace {

constexpr std::size_t kPage = 4096;
/// TensorRT asks for this one.
constexpr std::size_t kDeviceAlignment = 256;
/// More is not filled, for the time that it takes.
constexpr std::size_t kFilled = std::size_t{64} << 20;
constexpr int kGarbage = 0xa5;

constexpr int kToDevice = 1;
constexpr int kToHost = 2;
constexpr int kOnDevice = 3;

std::mutex blocksLock;

std::map<std::uintptr_t, std::shared_ptr<Block>>& blocks() {
    static auto* all = new std::map<std::uintptr_t, std::shared_ptr<Block>>;
    return *all;
}

std::size_t up(std::size_t bytes, std::size_t to) {
    return std::max<std::size_t>(1, (bytes + to - 1) / to) * to;
}

/// What memory holds at first is not defined.
void* make(std::size_t bytes, std::size_t alignment, bool onDevice) {
    void* const memory = std::aligned_alloc(alignment, up(bytes, alignment));
    std::memset(memory, kGarbage, std::min(bytes, kFilled));
    auto block = std::make_shared<Block>();
    block->start = reinterpret_cast<std::uintptr_t>(memory);
    block->bytes = bytes;
    block->onDevice = onDevice;
    block->device = device();
    std::lock_guard<std::mutex> guard(blocksLock);
    blocks()[block->start] = block;
    return memory;
}

int release(void* memory, bool onDevice, char const* call) {
    if (memory == nullptr) {
        return kSuccess;
    }
    if (int const refused = forbidden()) {
        return refused;
    }
    std::shared_ptr<Block> const block = blockAt(memory);
    if (block == nullptr || block->onDevice != onDevice || block->start != reinterpret_cast<std::uintptr_t>(memory)) {
        fault(std::string(call) + " of an address that is no block of this kind, or not any more");
        return fail(kInvalidValue);
    }
    if (block->inFlight()) {
        fault(std::string(call) + " of memory that work in flight uses");
    }
    // As CUDA does, whoever uses it.
    eachStream([&](Stream& stream) {
        if (stream.device == block->device && !stream.capturing()) {
            stream.wait();
        }
    });
    // A stream that was destroyed goes on until its work is done.
    while (block->inFlight()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    std::memset(memory, kGarbage, std::min(block->bytes, kFilled));
    {
        std::lock_guard<std::mutex> guard(blocksLock);
        blocks().erase(block->start);
    }
    if (onDevice) {
        giveBack(block->device, up(block->bytes, kDeviceAlignment));
    }
    std::free(memory);
    return fail(takeAsynchronous());
}

bool holds(Block const& block, void const* address, std::size_t bytes) {
    auto const offset = reinterpret_cast<std::uintptr_t>(address) - block.start;
    return offset <= block.bytes && bytes <= block.bytes - offset;
}

/// Whether the address is good for a side of a copy; pageable where it is host memory of another's.
bool fits(std::shared_ptr<Block> const& block, void const* address, std::size_t bytes, bool onDevice) {
    return block == nullptr ? !onDevice && address != nullptr
                            : block->onDevice == onDevice && holds(*block, address, bytes);
}

/// In the legacy default stream it is late, so that whoever does not wait for it sees what was there.
void zero(std::shared_ptr<Stream> const& stream, std::shared_ptr<Block> const& block, void* memory, int value,
        std::size_t bytes) {
    if (!stream->legacy) {
        stream->add({[=] { std::memset(memory, value, bytes); }, {{block, {memory, bytes, true}}}});
        return;
    }
    ++block->memsets;
    Task task{[=] {
        std::memset(memory, value, bytes);
        --block->memsets;
    }};
    task.late = true;
    stream->add(std::move(task));
}

int checked(void* to, void const* from, std::size_t bytes, int kind) {
    bool const known = kind == kToDevice || kind == kToHost || kind == kOnDevice;
    return known && fits(blockAt(to), to, bytes, kind != kToHost) && fits(blockAt(from), from, bytes, kind != kToDevice)
            ? kSuccess
            : fail(kInvalidValue);
}

}  // namespace

bool Block::begin(Stream const* stream, unsigned long long number, Seen const& seen, Place const& place) {
    auto const from = reinterpret_cast<std::uintptr_t>(place.address);
    bool ordered = true;
    std::lock_guard<std::mutex> guard(mutex_);
    for (Use const& other : uses_) {
        auto const start = reinterpret_cast<std::uintptr_t>(other.place.address);
        bool const overlap = from < start + other.place.bytes && start < from + place.bytes;
        auto const waited = seen.find(other.stream);
        if (other.stream != stream && overlap && (place.write || other.place.write)
                && (waited == seen.end() || waited->second < other.number)) {
            ordered = false;
        }
    }
    uses_.push_back({stream, number, place});
    return ordered;
}

void Block::end(Stream const* stream, unsigned long long number) {
    std::lock_guard<std::mutex> guard(mutex_);
    uses_.erase(std::remove_if(uses_.begin(), uses_.end(),
                        [&](Use const& use) { return use.stream == stream && use.number == number; }),
            uses_.end());
}

bool Block::inFlight() {
    std::lock_guard<std::mutex> guard(mutex_);
    return !uses_.empty();
}

std::shared_ptr<Block> blockAt(void const* address) {
    auto const number = reinterpret_cast<std::uintptr_t>(address);
    std::lock_guard<std::mutex> guard(blocksLock);
    auto after = blocks().upper_bound(number);
    if (after == blocks().begin()) {
        return nullptr;
    }
    std::shared_ptr<Block> const& block = (--after)->second;
    return number - block->start < std::max<std::size_t>(1, block->bytes) ? block : nullptr;
}

int blocksAlive() {
    std::lock_guard<std::mutex> guard(blocksLock);
    return static_cast<int>(blocks().size());
}

void forgetBlocks() {
    std::lock_guard<std::mutex> guard(blocksLock);
    blocks().clear();
}

}  // namespace fake

using namespace fake;

extern "C" {

int cudaMemGetInfo(std::size_t* free, std::size_t* total) {
    FAKE_BEGIN("cudaMemGetInfo");
    *total = memoryOf(device());
    *free = *total - taken(device());
    return kSuccess;
}

int cudaHostAlloc(void** memory, std::size_t bytes, unsigned) {
    FAKE_BEGIN("cudaHostAlloc");
    if (int const refused = forbidden()) {
        return refused;
    }
    *memory = make(bytes, kPage, false);
    return kSuccess;
}

int cudaFreeHost(void* memory) {
    FAKE_BEGIN("cudaFreeHost");
    return release(memory, false, "cudaFreeHost");
}

int cudaMalloc(void** memory, std::size_t bytes) {
    FAKE_BEGIN("cudaMalloc");
    if (int const refused = forbidden()) {
        return refused;
    }
    *memory = nullptr;
    if (bytes == 0) {
        return kSuccess;
    }
    if (!take(device(), up(bytes, kDeviceAlignment))) {
        return fail(kOutOfMemory);
    }
    *memory = make(bytes, kDeviceAlignment, true);
    return kSuccess;
}

int cudaFree(void* memory) {
    FAKE_BEGIN("cudaFree");
    return release(memory, true, "cudaFree");
}

int cudaMemsetAsync(void* memory, int value, std::size_t bytes, void* handle) {
    FAKE_BEGIN("cudaMemsetAsync");
    std::shared_ptr<Stream> const stream = streamOf(handle, "cudaMemsetAsync");
    if (stream == nullptr) {
        return kInvalidHandle;
    }
    std::shared_ptr<Block> const block = blockAt(memory);
    if (!fits(block, memory, bytes, true)) {
        return fail(kInvalidValue);
    }
    zero(stream, block, memory, value, bytes);
    return kSuccess;
}

/// Runs in the legacy default stream and comes back before it is done.
int cudaMemset(void* memory, int value, std::size_t bytes) {
    FAKE_BEGIN("cudaMemset");
    if (int const refused = forbidden()) {
        return refused;
    }
    std::shared_ptr<Block> const block = blockAt(memory);
    if (!fits(block, memory, bytes, true)) {
        return fail(kInvalidValue);
    }
    zero(streamOf(nullptr, "cudaMemset"), block, memory, value, bytes);
    return kSuccess;
}

int cudaMemcpyAsync(void* to, void const* from, std::size_t bytes, int kind, void* handle) {
    FAKE_BEGIN("cudaMemcpyAsync");
    std::shared_ptr<Stream> const stream = streamOf(handle, "cudaMemcpyAsync");
    if (stream == nullptr) {
        return kInvalidHandle;
    }
    if (int const wrong = checked(to, from, bytes, kind)) {
        return wrong;
    }
    std::vector<Use> uses;
    for (Place const& place : {Place{to, bytes, true}, Place{from, bytes, false}}) {
        if (std::shared_ptr<Block> const block = blockAt(place.address)) {
            uses.push_back({block, place});
        }
    }
    bool const pageable = uses.size() < 2;
    if (pageable) {
        fault("cudaMemcpyAsync of pageable memory, which is synchronous");
    }
    stream->add({[=] { std::memcpy(to, from, bytes); }, uses});
    if (pageable && !stream->capturing()) {
        stream->wait();
    }
    return kSuccess;
}

/// Runs in the legacy default stream and is waited for.
int cudaMemcpy(void* to, void const* from, std::size_t bytes, int kind) {
    FAKE_BEGIN("cudaMemcpy");
    if (int const refused = forbidden()) {
        return refused;
    }
    if (int const wrong = checked(to, from, bytes, kind)) {
        return wrong;
    }
    std::shared_ptr<Stream> const stream = streamOf(nullptr, "cudaMemcpy");
    stream->add({[=] { std::memcpy(to, from, bytes); }});
    stream->wait();
    return fail(takeAsynchronous());
}
}
