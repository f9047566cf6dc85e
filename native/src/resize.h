// The parts of millrace_resize, for the library and its tests. Pixels are uint8 [h, w, 3].
#ifndef MILLRACE_RESIZE_H
#define MILLRACE_RESIZE_H

#include <cstdint>

#include "axis_filter.h"

namespace millrace {

constexpr int CHANNELS = 3;

// Rows that are filtered at once, so that a vector has use for every weight that it loads.
constexpr int ROWS = 4;

// Taps that one 16-byte load covers. Filters along a row are padded to a multiple with weights of 0.
constexpr int TAPS = 4;

// Target bytes that one vector of 32-bit sums covers.
constexpr int BLOCK = 16;

// What a kernel may read and write behind a row of scratch memory.
constexpr int PADDING = 64;

// The weights of a target sample add up to 1 << WEIGHT_BITS. Each has 16 bits with a sign: where the image
// ends, one of the cubic filter is larger than their sum by a seventh.
constexpr int WEIGHT_BITS = 14;

// The same by blocks of target bytes, for a kernel that picks any bytes of a vector at once. All pairs of
// a byte's taps are as far apart as the first two, so one set of places serves them all.
struct Blocks {
    std::int32_t const* starts;    // byte of a block's first tap
    std::uint8_t const* places;    // from there, for each byte 4: of tap 0, unused, of tap 1, unused
    std::uint32_t const* weights;  // of each pair and byte, the first tap's in the lower 16 bits
    int pairs;
    int reach;  // the most bytes from a block's start to the end of its first pair
};

// Which samples of a row make up each target pixel.
struct RowFilter {
    std::int32_t const* first;    // byte of the first tap
    std::int16_t const* weights;  // TAPS * groups for each pixel, 2^WEIGHT_BITS in sum
    int groups;
    int width;  // target pixels; the arrays go on to a multiple of 4
    Blocks blocks;
};

// One implementation of the two inner loops. All give the same bytes.
struct Kernel {
    char const* name;

    // Whether it filters by RowFilter::blocks.
    bool by_blocks;

    // target[i] = weighted sum of rows[.][i], rounded and cut to a byte. A pair holds the weights of two
    // rows in 16 bits each, the first one's lowest. Reads no byte behind `bytes` of a row.
    void (*sum_rows)(std::uint8_t const* const* rows, std::uint32_t const* pairs, int pair_count,
                     std::uint8_t* target, std::int64_t bytes);

    // Filters ROWS rows, behind which PADDING may be read. Writes 3 * width bytes of each target, no more.
    void (*filter_rows)(std::uint8_t const* const* rows, std::uint8_t* const* targets,
                        RowFilter const& filter);
};

extern Kernel const PORTABLE;
#if defined(__x86_64__)
extern Kernel const AVX2;
extern Kernel const AVX512;
#endif

// The fastest that this CPU runs.
Kernel const& best_kernel() noexcept;

struct Image {
    std::uint8_t const* pixels;
    int width;
    int height;
    std::int64_t row_bytes;
};

// A rectangle of the resized image: of full_width * full_height, `width * height` from (left, top).
struct Window {
    int full_width;
    int full_height;
    int left;
    int top;
    int width;
    int height;
};

std::int64_t scratch_bytes(Filter shape, Image const& source, Window const& window) noexcept;

// `scratch` has scratch_bytes and begins at a multiple of 8.
void resize(Kernel const& kernel, Filter shape, Image const& source, Window const& window,
            std::uint8_t* target, std::int64_t target_row_bytes, void* scratch) noexcept;

}  // namespace millrace

#endif
