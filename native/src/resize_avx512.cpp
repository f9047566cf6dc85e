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

// The rounded sums of a byte and of its neighbour, beside each other.
TARGET inline __m512i both(__m512i first, __m512i second) {
    __m512i const neighbour =
        _mm512_and_si512(_mm512_srli_epi32(second, WEIGHT_BITS - 8), _mm512_set1_epi32(0xFF00));
    return _mm512_or_si512(_mm512_srli_epi32(first, WEIGHT_BITS), neighbour);
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
    __m512i const bytes =
        _mm512_packus_epi32(both(sums[0], sums[1]), both(sums[2], sums[3]));
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

// Each of four numbers in a quarter of the vector.
TARGET inline __m512i quarters(void const* numbers) {
    __m512i const each = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    __m128i const four = _mm_loadu_si128(static_cast<__m128i const*>(numbers));
    return _mm512_permutexvar_epi32(each, _mm512_castsi128_si512(four));
}

// Where four pixels' taps lie, from the first tap of the first pixel: those of red, of green, of blue.
TARGET inline __m512i places(std::int32_t const* first) {
    __m512i const taps = _mm512_broadcast_i32x4(
        _mm_setr_epi8(0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11, 0, 0, 0, 0));
    __m512i const apart = _mm512_sub_epi32(quarters(first), _mm512_set1_epi32(first[0]));
    return _mm512_add_epi8(taps, _mm512_shuffle_epi8(apart, _mm512_set1_epi32(0)));
}

// Four target pixels, of every row. One load brings all bytes of a group of taps.
template <int GROUPS>
TARGET inline void four_pixels(std::uint8_t const* const* rows, std::int32_t const* first,
                               std::int8_t const* halves, int groups, __m128i* pixels) {
    __m512i const at = places(first);
    __m512i high[ROWS];
    __m512i low[ROWS];
    for (int row = 0; row < ROWS; row++) {
        high[row] = _mm512_setzero_si512();
        low[row] = _mm512_set1_epi32(1 << (WEIGHT_BITS - 1));
    }
    for (int group = 0; group < (GROUPS == 0 ? groups : GROUPS); group++) {
        __m512i const high_weights = quarters(halves + group * 8 * TAPS);
        __m512i const low_weights = quarters(halves + group * 8 * TAPS + 4 * TAPS);
        for (int row = 0; row < ROWS; row++) {
            __m512i const bytes = _mm512_permutexvar_epi8(
                at, _mm512_loadu_si512(rows[row] + first[0] + group * TAPS * CHANNELS));
            high[row] = _mm512_dpbusd_epi32(high[row], bytes, high_weights);
            low[row] = _mm512_dpbusd_epi32(low[row], bytes, low_weights);
        }
    }
    // The lowest byte of each sum but every fourth, which is none of a channel.
    __m512i const together = _mm512_setr_epi32(0x10080400, 0x24201814, 0x38343028, 0, 0, 0, 0, 0, 0,
                                               0, 0, 0, 0, 0, 0, 0);
    for (int row = 0; row < ROWS; row++) {
        __m512i const sum = _mm512_srli_epi32(
            _mm512_add_epi32(_mm512_slli_epi32(high[row], 7), low[row]), WEIGHT_BITS);
        pixels[row] = _mm512_castsi512_si128(_mm512_permutexvar_epi8(together, sum));
    }
}

// GROUPS is filter.groups where that is known, so that the loop over them is unrolled; 0 where not.
template <int GROUPS>
TARGET void filter_by_four(std::uint8_t const* const* rows, std::uint8_t* const* targets,
                           RowFilter const& filter) {
    std::int64_t const stride = static_cast<std::int64_t>(filter.groups) * 8 * TAPS;
    for (int x = 0; x < filter.width; x += 4) {
        __m128i pixels[ROWS];
        four_pixels<GROUPS>(rows, filter.first + x, filter.halves + x / 4 * stride, filter.groups,
                            pixels);
        int const size = (filter.width - x < 4 ? filter.width - x : 4) * CHANNELS;
        __mmask16 const mask = static_cast<__mmask16>((1 << size) - 1);
        for (int row = 0; row < ROWS; row++) {
            std::int64_t const to = static_cast<std::int64_t>(x) * CHANNELS;
            _mm_mask_storeu_epi8(targets[row] + to, mask, pixels[row]);
        }
    }
}

void filter_rows(std::uint8_t const* const* rows, std::uint8_t* const* targets,
                 RowFilter const& how) {
    if (how.reach > VECTOR) {
        AVX2.filter_rows(rows, targets, how);
    } else if (how.groups == 1) {
        filter_by_four<1>(rows, targets, how);
    } else if (how.groups == 2) {
        filter_by_four<2>(rows, targets, how);
    } else {
        filter_by_four<0>(rows, targets, how);
    }
}

}  // namespace

Kernel const AVX512{"AVX-512", sum_rows, filter_rows};

}  // namespace millrace
#endif
