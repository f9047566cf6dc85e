// For CPUs that also have VBMI and VNNI (Ice Lake, Zen 4 and later): bytes of a vector can be picked in
// any order, and products be added up in one instruction.
#include "resize.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx512bw,avx512vl,avx512vbmi,avx512vnni")))

namespace millrace {

namespace {

constexpr int VECTOR = 64;

// Both rows' bytes beside each other, times their weights.
TARGET inline __m512i weighed(__m512i bytes, __m512i weights, __m512i sum) {
    return _mm512_dpwssd_epi32(sum, bytes, weights);
}

// Two vectors of sums as 16 bits each.
TARGET inline __m512i rounded(__m512i first, __m512i second) {
    return _mm512_packs_epi32(_mm512_srai_epi32(first, WEIGHT_BITS),
                              _mm512_srai_epi32(second, WEIGHT_BITS));
}

// The bytes of `mask`; neither reads nor writes others.
TARGET inline void sum_block(std::uint8_t const* const* rows, std::uint32_t const* pairs,
                             int pair_count, std::uint8_t* target, std::int64_t at,
                             __mmask64 mask) {
    __m512i const bytes_first = _mm512_set1_epi16(0xFF);
    __m512i const half = _mm512_set1_epi32(1 << (WEIGHT_BITS - 1));
    __m512i sums[4] = {half, half, half, half};
    for (int pair = 0; pair < pair_count; pair++) {
        __m512i const weights = _mm512_set1_epi32(static_cast<int>(pairs[pair]));
        __m512i const even =
            _mm512_maskz_loadu_epi8(mask, rows[2 * pair] + at);
        __m512i const odd =
            _mm512_maskz_loadu_epi8(mask, rows[2 * pair + 1] + at);
        // Two bytes of the one row, then two of the other: the bytes that belong together are then
        // taken apart by a mask and a shift, which more units of the CPU can do than unpacking.
        __m512i const low = _mm512_unpacklo_epi16(even, odd);
        __m512i const high = _mm512_unpackhi_epi16(even, odd);
        sums[0] = weighed(_mm512_and_si512(low, bytes_first), weights, sums[0]);
        sums[1] = weighed(_mm512_srli_epi16(low, 8), weights, sums[1]);
        sums[2] = weighed(_mm512_and_si512(high, bytes_first), weights, sums[2]);
        sums[3] = weighed(_mm512_srli_epi16(high, 8), weights, sums[3]);
    }
    // Bytes in even places, then those in odd ones.
    __m512i const apart = _mm512_packus_epi16(rounded(sums[0], sums[2]), rounded(sums[1], sums[3]));
    __m512i const bytes = _mm512_shuffle_epi8(
        apart, _mm512_broadcast_i32x4(
                   _mm_setr_epi8(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15)));
    _mm512_mask_storeu_epi8(target + at, mask, bytes);
}

TARGET void sum_rows(std::uint8_t const* const* rows, std::uint32_t const* pairs, int pair_count,
                     std::uint8_t* target, std::int64_t bytes) {
    std::int64_t at = 0;
    for (; at + VECTOR <= bytes; at += VECTOR) {
        sum_block(rows, pairs, pair_count, target, at, ~__mmask64{0});
    }
    if (at < bytes) {
        sum_block(rows, pairs, pair_count, target, at, (__mmask64{1} << (bytes - at)) - 1);
    }
}

// A block's sums of every row, as bytes. One load brings all bytes of a pair of taps, one selection puts
// them where their weights are.
template <int PAIRS>
TARGET inline void block_of_rows(std::uint8_t const* const (&rows)[ROWS], Blocks const& blocks,
                                 int block, __m128i (&bytes)[ROWS]) {
    // The bytes between those that are wanted become zeros.
    __mmask64 const wanted = 0x5555555555555555;
    int const pairs = PAIRS == 0 ? blocks.pairs : PAIRS;
    __m512i const places = _mm512_loadu_si512(blocks.places + block * BLOCK * 4);
    std::uint32_t const* weights = blocks.weights + block * pairs * BLOCK;
    __m512i sums[ROWS];
    for (int row = 0; row < ROWS; row++) {
        sums[row] = _mm512_set1_epi32(1 << (WEIGHT_BITS - 1));
    }
    for (int pair = 0; pair < pairs; pair++) {
        __m512i const pair_weights = _mm512_loadu_si512(weights + pair * BLOCK);
        std::int64_t const at = blocks.starts[block] + pair * 2 * CHANNELS;
        for (int row = 0; row < ROWS; row++) {
            __m512i const taps =
                _mm512_maskz_permutexvar_epi8(wanted, places, _mm512_loadu_si512(rows[row] + at));
            sums[row] = weighed(taps, pair_weights, sums[row]);
        }
    }
    for (int row = 0; row < ROWS; row++) {
        __m512i const values =
            _mm512_max_epi32(_mm512_srai_epi32(sums[row], WEIGHT_BITS), _mm512_setzero_si512());
        bytes[row] = _mm512_cvtusepi32_epi8(values);
    }
}

// PAIRS is filter.blocks.pairs where that is known, so that the loop over them is unrolled; 0 where not.
template <int PAIRS>
TARGET void filter_by_blocks(std::uint8_t const* const* rows, std::uint8_t* const* targets,
                             RowFilter const& filter) {
    // Copies, since a store of bytes might change whatever has an address.
    Blocks const blocks = filter.blocks;
    std::uint8_t const* const from[ROWS] = {rows[0], rows[1], rows[2], rows[3]};
    std::uint8_t* const to[ROWS] = {targets[0], targets[1], targets[2], targets[3]};
    int const size = filter.width * CHANNELS;
    __m128i bytes[ROWS];
    int at = 0;
    for (; at + BLOCK <= size; at += BLOCK) {
        block_of_rows<PAIRS>(from, blocks, at / BLOCK, bytes);
        for (int row = 0; row < ROWS; row++) {
            _mm_storeu_si128(reinterpret_cast<__m128i*>(to[row] + at), bytes[row]);
        }
    }
    if (at < size) {
        __mmask16 const rest = static_cast<__mmask16>((1 << (size - at)) - 1);
        block_of_rows<PAIRS>(from, blocks, at / BLOCK, bytes);
        for (int row = 0; row < ROWS; row++) {
            _mm_mask_storeu_epi8(to[row] + at, rest, bytes[row]);
        }
    }
}

void filter_rows(std::uint8_t const* const* rows, std::uint8_t* const* targets,
                 RowFilter const& filter) {
    if (filter.blocks.reach > VECTOR) {
        AVX2.filter_rows(rows, targets, filter);
        return;
    }
    switch (filter.blocks.pairs) {
        case 1:
            filter_by_blocks<1>(rows, targets, filter);
            break;
        case 2:
            filter_by_blocks<2>(rows, targets, filter);
            break;
        case 3:
            filter_by_blocks<3>(rows, targets, filter);
            break;
        default:
            filter_by_blocks<0>(rows, targets, filter);
    }
}

}  // namespace

Kernel const AVX512{"AVX-512", true, sum_rows, filter_rows};

}  // namespace millrace
#endif
