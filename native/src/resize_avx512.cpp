// As resize_avx2.cpp, with vectors of twice the size, whose ends may be masked.
#include "resize.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <cstring>

#define TARGET __attribute__((target("avx512bw,avx512vl")))

namespace millrace {

namespace {

constexpr int VECTOR = 64;

// Both rows' bytes beside each other, times their weights.
TARGET inline __m512i weighed(__m512i bytes, __m512i weights, __m512i sum) {
    return _mm512_add_epi32(sum, _mm512_madd_epi16(bytes, weights));
}

// The bytes of `mask`; neither reads nor writes others.
TARGET inline void sum_block(std::uint8_t const* const* rows, std::uint32_t const* pairs,
                             int pair_count, std::uint8_t* target, std::int64_t at,
                             __mmask64 mask) {
    __m512i const zero = _mm512_setzero_si512();
    __m512i const half = _mm512_set1_epi32(1 << (WEIGHT_BITS - 1));
    __m512i sums[4] = {half, half, half, half};
    for (int pair = 0; pair < pair_count; pair++) {
        __m512i const weights = _mm512_set1_epi32(static_cast<int>(pairs[pair]));
        __m512i const even =
            _mm512_maskz_loadu_epi8(mask, rows[2 * pair] + at);
        __m512i const odd =
            _mm512_maskz_loadu_epi8(mask, rows[2 * pair + 1] + at);
        __m512i const low = _mm512_unpacklo_epi8(even, odd);
        __m512i const high = _mm512_unpackhi_epi8(even, odd);
        sums[0] = weighed(_mm512_unpacklo_epi8(low, zero), weights, sums[0]);
        sums[1] = weighed(_mm512_unpackhi_epi8(low, zero), weights, sums[1]);
        sums[2] = weighed(_mm512_unpacklo_epi8(high, zero), weights, sums[2]);
        sums[3] = weighed(_mm512_unpackhi_epi8(high, zero), weights, sums[3]);
    }
    for (__m512i& sum : sums) {
        sum = _mm512_srai_epi32(sum, WEIGHT_BITS);
    }
    __m512i const bytes = _mm512_packus_epi16(_mm512_packs_epi32(sums[0], sums[1]),
                                              _mm512_packs_epi32(sums[2], sums[3]));
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

TARGET inline __m512i broadcast(__m128i quarter) {
    return _mm512_broadcast_i32x4(quarter);
}

TARGET inline __m128i load(std::uint8_t const* bytes) {
    return _mm_loadu_si128(reinterpret_cast<__m128i const*>(bytes));
}

// One target pixel of four rows, one in each quarter of the vector.
TARGET inline __m512i pixel(std::uint8_t const* const* rows, std::int64_t from,
                            std::int16_t const* weights, int groups) {
    __m512i const first =
        broadcast(_mm_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1));
    __m512i const second =
        broadcast(_mm_setr_epi8(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1));
    __m512i sum = _mm512_set1_epi32(1 << (WEIGHT_BITS - 1));
    for (int group = 0; group < groups; group++) {
        int pairs[2];
        std::memcpy(pairs, weights + group * TAPS, sizeof pairs);
        std::int64_t const at = from + group * TAPS * CHANNELS;
        __m512i bytes = _mm512_castsi128_si512(load(rows[0] + at));
        bytes = _mm512_inserti32x4(bytes, load(rows[1] + at), 1);
        bytes = _mm512_inserti32x4(bytes, load(rows[2] + at), 2);
        bytes = _mm512_inserti32x4(bytes, load(rows[3] + at), 3);
        sum = weighed(_mm512_shuffle_epi8(bytes, first), _mm512_set1_epi32(pairs[0]), sum);
        sum = weighed(_mm512_shuffle_epi8(bytes, second), _mm512_set1_epi32(pairs[1]), sum);
    }
    return _mm512_srai_epi32(sum, WEIGHT_BITS);
}

template <int GROUPS>
TARGET void filter_four(std::uint8_t const* const* rows, std::uint8_t* const* targets,
                        RowFilter const& filter) {
    __m512i const together =
        broadcast(_mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
    int const groups = GROUPS == 0 ? filter.groups : GROUPS;
    std::int64_t const stride = static_cast<std::int64_t>(groups) * TAPS;
    for (int x = 0; x < filter.width; x += 4) {
        __m512i four[4];
        for (int i = 0; i < 4; i++) {
            four[i] =
                pixel(rows, filter.first[x + i], filter.weights + (x + i) * stride, groups);
        }
        __m512i const bytes = _mm512_shuffle_epi8(
            _mm512_packus_epi16(_mm512_packs_epi32(four[0], four[1]),
                                _mm512_packs_epi32(four[2], four[3])),
            together);
        int const size = (filter.width - x < 4 ? filter.width - x : 4) * CHANNELS;
        __mmask16 const mask = static_cast<__mmask16>((1 << size) - 1);
        std::int64_t const to = static_cast<std::int64_t>(x) * CHANNELS;
        _mm_mask_storeu_epi8(targets[0] + to, mask, _mm512_castsi512_si128(bytes));
        _mm_mask_storeu_epi8(targets[1] + to, mask, _mm512_extracti32x4_epi32(bytes, 1));
        _mm_mask_storeu_epi8(targets[2] + to, mask, _mm512_extracti32x4_epi32(bytes, 2));
        _mm_mask_storeu_epi8(targets[3] + to, mask, _mm512_extracti32x4_epi32(bytes, 3));
    }
}

void filter_rows(std::uint8_t const* const* rows, std::uint8_t* const* targets,
                 RowFilter const& filter) {
    if (filter.groups == 1) {
        filter_four<1>(rows, targets, filter);
    } else if (filter.groups == 2) {
        filter_four<2>(rows, targets, filter);
    } else {
        filter_four<0>(rows, targets, filter);
    }
}

}  // namespace

Kernel const AVX512{"AVX-512", sum_rows, filter_rows};

}  // namespace millrace
#endif
