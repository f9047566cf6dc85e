// Plain C++ for every CPU, written so that a compiler can use the vectors that all of a kind have.
#include "resize.h"

namespace millrace {

namespace {

constexpr int BLOCK = 256;

// A sum as a byte; the cubic filter overshoots.
std::uint8_t as_byte(int sum) {
    int const value = sum >> WEIGHT_BITS;
    return static_cast<std::uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
}

void sum_rows(std::uint8_t const* const* rows, std::uint32_t const* pairs, int pair_count,
              std::uint8_t* target, std::int64_t bytes) {
    for (std::int64_t at = 0; at < bytes; at += BLOCK) {
        int const size = static_cast<int>(bytes - at < BLOCK ? bytes - at : BLOCK);
        int sums[BLOCK];
        for (int i = 0; i < size; i++) {
            sums[i] = 1 << (WEIGHT_BITS - 1);
        }
        for (int pair = 0; pair < pair_count; pair++) {
            std::uint8_t const* even = rows[2 * pair] + at;
            std::uint8_t const* odd = rows[2 * pair + 1] + at;
            int const even_weight = static_cast<std::int16_t>(pairs[pair]);
            int const odd_weight = static_cast<std::int16_t>(pairs[pair] >> 16);
            for (int i = 0; i < size; i++) {
                sums[i] += even[i] * even_weight + odd[i] * odd_weight;
            }
        }
        for (int i = 0; i < size; i++) {
            target[at + i] = as_byte(sums[i]);
        }
    }
}

void filter_row(std::uint8_t const* row, std::uint8_t* target, RowFilter const& filter) {
    int const taps = TAPS * filter.groups;
    for (int x = 0; x < filter.width; x++) {
        std::uint8_t const* pixel = row + filter.first[x];
        std::int16_t const* weights = filter.weights + static_cast<std::int64_t>(x) * taps;
        int sums[CHANNELS] = {1 << (WEIGHT_BITS - 1), 1 << (WEIGHT_BITS - 1), 1 << (WEIGHT_BITS - 1)};
        for (int k = 0; k < taps; k++, pixel += CHANNELS) {
            for (int channel = 0; channel < CHANNELS; channel++) {
                sums[channel] += weights[k] * pixel[channel];
            }
        }
        for (int channel = 0; channel < CHANNELS; channel++) {
            target[x * CHANNELS + channel] = as_byte(sums[channel]);
        }
    }
}

void filter_rows(std::uint8_t const* const* rows, std::uint8_t* const* targets,
                 RowFilter const& filter) {
    for (int i = 0; i < ROWS; i++) {
        filter_row(rows[i], targets[i], filter);
    }
}

}  // namespace

Kernel const PORTABLE{"portable", false, sum_rows, filter_rows};

}  // namespace millrace
