#include "resize.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <cstring>

#define TARGET __attribute__((target("avx2")))

namespace millrace {

namespace {

constexpr int VECTOR = 32;

// Both rows' bytes beside each other, times their weights.
TARGET inline __m256i weighed(__m256i bytes, __m256i weights, __m256i sum) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(bytes, weights));
}

// Two vectors of sums as 16 bits each.
TARGET inline __m256i rounded(__m256i first, __m256i second) {
    return _mm256_packs_epi32(_mm256_srai_epi32(first, WEIGHT_BITS),
                              _mm256_srai_epi32(second, WEIGHT_BITS));
}

TARGET inline void sum_block(std::uint8_t const* const* rows, std::uint32_t const* pairs,
                             int pair_count, std::uint8_t* target, std::int64_t at) {
    __m256i const bytes_first = _mm256_set1_epi16(0xFF);
    __m256i const half = _mm256_set1_epi32(1 << (WEIGHT_BITS - 1));
    __m256i sums[4] = {half, half, half, half};
    for (int pair = 0; pair < pair_count; pair++) {
        __m256i const weights = _mm256_set1_epi32(static_cast<int>(pairs[pair]));
        __m256i const even =
            _mm256_loadu_si256(reinterpret_cast<__m256i const*>(rows[2 * pair] + at));
        __m256i const odd =
            _mm256_loadu_si256(reinterpret_cast<__m256i const*>(rows[2 * pair + 1] + at));
        // Two bytes of the one row, then two of the other: the bytes that belong together are then
        // taken apart by a mask and a shift, which more units of the CPU can do than unpacking.
        __m256i const low = _mm256_unpacklo_epi16(even, odd);
        __m256i const high = _mm256_unpackhi_epi16(even, odd);
        sums[0] = weighed(_mm256_and_si256(low, bytes_first), weights, sums[0]);
        sums[1] = weighed(_mm256_srli_epi16(low, 8), weights, sums[1]);
        sums[2] = weighed(_mm256_and_si256(high, bytes_first), weights, sums[2]);
        sums[3] = weighed(_mm256_srli_epi16(high, 8), weights, sums[3]);
    }
    // Bytes in even places, then those in odd ones.
    __m256i const apart = _mm256_packus_epi16(rounded(sums[0], sums[2]), rounded(sums[1], sums[3]));
    __m256i const bytes = _mm256_shuffle_epi8(
        apart, _mm256_broadcastsi128_si256(
                   _mm_setr_epi8(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15)));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(target + at), bytes);
}

TARGET void sum_rows(std::uint8_t const* const* rows, std::uint32_t const* pairs, int pair_count,
                     std::uint8_t* target, std::int64_t bytes) {
    if (bytes < VECTOR) {
        PORTABLE.sum_rows(rows, pairs, pair_count, target, bytes);
        return;
    }
    std::int64_t at = 0;
    for (; at + VECTOR <= bytes; at += VECTOR) {
        sum_block(rows, pairs, pair_count, target, at);
    }
    // The last vector ends where the row ends and computes some bytes again.
    sum_block(rows, pairs, pair_count, target, bytes - VECTOR);
}

// One target pixel of two rows, one in each half of the vector: red, green, blue and a zero.
TARGET inline __m256i pixel(std::uint8_t const* upper, std::uint8_t const* lower,
                            std::int16_t const* weights, int groups) {
    // Taps 0 and 1 of each channel beside each other, 16 bits each; then taps 2 and 3.
    __m256i const first = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1));
    __m256i const second = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1));
    __m256i sum = _mm256_set1_epi32(1 << (WEIGHT_BITS - 1));
    for (int group = 0; group < groups; group++) {
        int pairs[2];
        std::memcpy(pairs, weights + group * TAPS, sizeof pairs);
        int const at = group * TAPS * CHANNELS;
        __m256i const bytes = _mm256_inserti128_si256(
            _mm256_castsi128_si256(
                _mm_loadu_si128(reinterpret_cast<__m128i const*>(upper + at))),
            _mm_loadu_si128(reinterpret_cast<__m128i const*>(lower + at)), 1);
        sum = weighed(_mm256_shuffle_epi8(bytes, first), _mm256_set1_epi32(pairs[0]), sum);
        sum = weighed(_mm256_shuffle_epi8(bytes, second), _mm256_set1_epi32(pairs[1]), sum);
    }
    return _mm256_srai_epi32(sum, WEIGHT_BITS);
}

// The low 12 bytes, or fewer.
TARGET inline void store(__m128i bytes, std::uint8_t* target, int size) {
    if (size == TAPS * CHANNELS) {
        _mm_storel_epi64(reinterpret_cast<__m128i*>(target), bytes);
        int const rest = _mm_extract_epi32(bytes, 2);
        std::memcpy(target + 8, &rest, sizeof rest);
        return;
    }
    alignas(16) std::uint8_t all[16];
    _mm_store_si128(reinterpret_cast<__m128i*>(all), bytes);
    std::memcpy(target, all, size);
}

// GROUPS is filter.groups where that is known, so that the loop over them is unrolled; 0 where not.
template <int GROUPS>
TARGET void filter_two(std::uint8_t const* const* rows, std::uint8_t* const* targets,
                       RowFilter const& filter) {
    __m256i const together = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
    int const groups = GROUPS == 0 ? filter.groups : GROUPS;
    std::int64_t const stride = static_cast<std::int64_t>(groups) * TAPS;
    for (int x = 0; x < filter.width; x += 4) {
        __m256i four[4];
        for (int i = 0; i < 4; i++) {
            int const at = filter.first[x + i];
            four[i] = pixel(rows[0] + at, rows[1] + at, filter.weights + (x + i) * stride, groups);
        }
        __m256i const bytes = _mm256_shuffle_epi8(
            _mm256_packus_epi16(_mm256_packs_epi32(four[0], four[1]),
                                _mm256_packs_epi32(four[2], four[3])),
            together);
        int const size = (filter.width - x < 4 ? filter.width - x : 4) * CHANNELS;
        store(_mm256_castsi256_si128(bytes), targets[0] + x * CHANNELS, size);
        store(_mm256_extracti128_si256(bytes, 1), targets[1] + x * CHANNELS, size);
    }
}

void filter_rows(std::uint8_t const* const* rows, std::uint8_t* const* targets,
                 RowFilter const& filter) {
    auto const two = filter.groups == 1   ? filter_two<1>
                     : filter.groups == 2 ? filter_two<2>
                                          : filter_two<0>;
    for (int i = 0; i < ROWS; i += 2) {
        two(rows + i, targets + i, filter);
    }
}

}  // namespace

Kernel const AVX2{"AVX2", false, sum_rows, filter_rows};

}  // namespace millrace
#endif
