#include "resize.h"

#include <algorithm>
#include <cstring>

#include "millrace.h"

namespace millrace {

namespace {

std::int64_t rounded_up(std::int64_t value, std::int64_t unit) {
    return (value + unit - 1) / unit * unit;
}

// Of a cache; a vector that lies in one line is loaded in one go.
constexpr std::int64_t LINE = 64;

// Where each array lies in the scratch memory. The same steps count the bytes and hand them out.
class Scratch {
public:
    explicit Scratch(void* base) noexcept : base_(static_cast<std::uint8_t*>(base)) {}

    template <typename T>
    T* take(std::int64_t count) noexcept {
        T* taken = base_ == nullptr ? nullptr : reinterpret_cast<T*>(base_ + used_);
        used_ += rounded_up(count * static_cast<std::int64_t>(sizeof(T)), LINE);
        return taken;
    }

    std::int64_t used() const noexcept { return used_; }

private:
    std::uint8_t* base_;
    std::int64_t used_ = 0;
};

// The arrays of one resize. The columns' taps are made row by row, those along a row once.
struct Plan {
    Plan(Filter shape, Image const& source, Window const& window, void* base) noexcept
        : columns(shape, source.height, window.full_height, 1 << WEIGHT_BITS),
          rows(shape, source.width, window.full_width, 1 << WEIGHT_BITS),
          groups((rows.most() + TAPS - 1) / TAPS),
          padded_width(static_cast<int>(rounded_up(window.width, TAPS))),
          blocks((window.width * CHANNELS + BLOCK - 1) / BLOCK),
          row_bytes(rounded_up(static_cast<std::int64_t>(source.width + groups * TAPS) * CHANNELS +
                                   PADDING,
                               LINE)),
          held(shape == Filter::BICUBIC ? std::min(source.height, columns.most()) + ROWS : 0),
          held_bytes(rounded_up(static_cast<std::int64_t>(window.width) * CHANNELS, LINE)) {
        Scratch scratch(base);
        taps = scratch.take<int>(std::max(columns.most(), rows.most()) + 1);
        row_pointers = scratch.take<std::uint8_t const*>(columns.most() + 1);
        pairs = scratch.take<std::uint32_t>(columns.most() / 2 + 1);
        first = scratch.take<std::int32_t>(padded_width);
        weights = scratch.take<std::int16_t>(static_cast<std::int64_t>(padded_width) * groups * TAPS);
        starts = scratch.take<std::int32_t>(blocks);
        places = scratch.take<std::uint8_t>(static_cast<std::int64_t>(blocks) * BLOCK * 4);
        pair_weights = scratch.take<std::uint32_t>(static_cast<std::int64_t>(blocks) * BLOCK *
                                                   groups * TAPS / 2);
        sums = scratch.take<std::uint8_t>(ROWS * row_bytes);
        filtered = scratch.take<std::uint8_t>(held * held_bytes);
        unwanted = scratch.take<std::uint8_t>(static_cast<std::int64_t>(window.width) * CHANNELS);
        bytes = scratch.used();
    }

    AxisFilter columns;
    AxisFilter rows;
    int groups;
    int padded_width;
    int blocks;
    int most_used = 1;       // taps that weigh something
    std::int64_t row_bytes;   // of one row of `sums`
    int held;                 // rows of `filtered`, as many as a target row is made of and ROWS
    std::int64_t held_bytes;  // of one of them
    std::int64_t bytes;
    int* taps;
    std::uint8_t const** row_pointers;
    std::uint32_t* pairs;
    std::int32_t* first;
    std::int16_t* weights;
    std::int32_t* starts;
    std::uint8_t* places;
    std::uint32_t* pair_weights;
    std::uint8_t* sums;
    std::uint8_t* filtered;  // where rows go first: the source's row y is row y % held of these
    std::uint8_t* unwanted;  // takes the rows by which the window ends before a multiple of ROWS
};

// The part of the source's rows that the window shows.
struct Span {
    std::int64_t from;
    std::int64_t bytes;
};

Span plan_rows(Plan& plan, Window const& window) noexcept {
    std::int64_t const stride = static_cast<std::int64_t>(plan.groups) * TAPS;
    std::memset(plan.weights, 0, sizeof(std::int16_t) * plan.padded_width * stride);
    int from = 0;
    int end = 0;
    for (int x = 0; x < window.width; x++) {
        AxisFilter::Taps const found = plan.rows.taps(window.left + x, plan.taps);
        from = x == 0 ? found.first : from;
        end = std::max(end, found.first + found.count);
        plan.most_used = std::max(plan.most_used, found.count);
        plan.first[x] = (found.first - from) * CHANNELS;
        for (int k = 0; k < found.count; k++) {
            plan.weights[x * stride + k] = static_cast<std::int16_t>(plan.taps[k]);
        }
    }
    std::fill(plan.first + window.width, plan.first + plan.padded_width,
              plan.first[window.width - 1]);
    // Without the taps that weigh nothing there may be a group less.
    int const needed = (plan.most_used + TAPS - 1) / TAPS;
    for (int x = 1; needed < plan.groups && x < plan.padded_width; x++) {
        std::copy_n(plan.weights + x * stride, needed * TAPS,
                    plan.weights + static_cast<std::int64_t>(x) * needed * TAPS);
    }
    plan.groups = needed;
    return {static_cast<std::int64_t>(from) * CHANNELS,
            static_cast<std::int64_t>(end - from) * CHANNELS};
}

// Puts the taps of each target byte where its block wants them.
Blocks plan_blocks(Plan& plan, int width) noexcept {
    int const pairs = (plan.most_used + 1) / 2;
    std::int64_t const stride = static_cast<std::int64_t>(plan.groups) * TAPS;
    std::memset(plan.places, 0, static_cast<std::int64_t>(plan.blocks) * BLOCK * 4);
    std::memset(plan.pair_weights, 0, sizeof(std::uint32_t) * plan.blocks * BLOCK * pairs);
    int reach = 0;
    std::uint8_t* place = plan.places;
    std::uint32_t* weights = plan.pair_weights;
    int start = 0;
    int lane = BLOCK;
    for (int x = 0; x < width; x++) {
        std::int16_t const* taps = plan.weights + x * stride;
        for (int channel = 0; channel < CHANNELS; channel++, lane++, place += 4) {
            if (lane == BLOCK) {
                int const block = (x * CHANNELS + channel) / BLOCK;
                start = plan.starts[block] = plan.first[x];
                weights = plan.pair_weights + static_cast<std::int64_t>(block) * pairs * BLOCK;
                lane = 0;
            }
            int const first = plan.first[x] - start + channel;
            reach = std::max(reach, first + CHANNELS + 1);
            place[0] = static_cast<std::uint8_t>(first);
            place[2] = static_cast<std::uint8_t>(first + CHANNELS);
            for (int pair = 0; pair < pairs; pair++) {
                std::memcpy(weights + pair * BLOCK + lane, taps + 2 * pair, sizeof *weights);
            }
        }
    }
    return {plan.starts, plan.places, plan.pair_weights, pairs, reach};
}

// Sums up the rows that plan.row_pointers name, with the weights in plan.taps.
void sum_columns(Kernel const& kernel, Plan& plan, AxisFilter::Taps found, std::int64_t bytes,
                 std::uint8_t* target) noexcept {
    if (found.count == 1) {
        std::memcpy(target, plan.row_pointers[0], bytes);
        return;
    }
    int const pair_count = (found.count + 1) / 2;
    if (found.count % 2 != 0) {
        plan.row_pointers[found.count] = plan.row_pointers[found.count - 1];
        plan.taps[found.count] = 0;
    }
    for (int pair = 0; pair < pair_count; pair++) {
        plan.pairs[pair] = static_cast<std::uint16_t>(plan.taps[2 * pair]) |
                           static_cast<std::uint32_t>(plan.taps[2 * pair + 1]) << 16;
    }
    kernel.sum_rows(plan.row_pointers, plan.pairs, pair_count, target, bytes);
}

// One target row after the other is summed up, as wide as the span, and then filtered.
void columns_first(Kernel const& kernel, Plan& plan, Image const& source, Window const& window,
                   Span span, RowFilter const& filter, std::uint8_t* target,
                   std::int64_t target_row_bytes) noexcept {
    std::uint8_t* sums[ROWS];
    for (int i = 0; i < ROWS; i++) {
        sums[i] = plan.sums + i * plan.row_bytes;
        // Weighs nothing, but is read.
        std::memset(sums[i] + span.bytes, 0, plan.row_bytes - span.bytes);
    }
    for (int y = 0; y < window.height; y += ROWS) {
        std::uint8_t* targets[ROWS];
        for (int i = 0; i < ROWS; i++) {
            bool const wanted = y + i < window.height;
            targets[i] = wanted ? target + (y + i) * target_row_bytes : plan.unwanted;
            if (wanted) {
                AxisFilter::Taps const found = plan.columns.taps(window.top + y + i, plan.taps);
                std::uint8_t const* row =
                    source.pixels + found.first * source.row_bytes + span.from;
                for (int k = 0; k < found.count; k++) {
                    plan.row_pointers[k] = row + k * source.row_bytes;
                }
                sum_columns(kernel, plan, found, span.bytes, sums[i]);
            }
        }
        kernel.filter_rows(sums, targets, filter);
    }
}

// Filters ROWS rows of the source from row `y` on into plan.filtered.
void filter_source(Kernel const& kernel, Plan& plan, Image const& source, Span span, int y,
                   RowFilter const& filter) noexcept {
    std::uint8_t const* from[ROWS];
    std::uint8_t* targets[ROWS];
    std::uint8_t const* const end = source.pixels + (source.height - 1) * source.row_bytes +
                                    static_cast<std::int64_t>(source.width) * CHANNELS;
    for (int i = 0; i < ROWS; i++) {
        bool const wanted = y + i < source.height;
        from[i] = source.pixels + (wanted ? y + i : y) * source.row_bytes + span.from;
        targets[i] = wanted ? plan.filtered + (y + i) % plan.held * plan.held_bytes : plan.unwanted;
        // The kernel reads on behind a row, where the image may end.
        if (end - from[i] < plan.row_bytes) {
            std::uint8_t* const copy = plan.sums + i * plan.row_bytes;
            std::memcpy(copy, from[i], span.bytes);
            std::memset(copy + span.bytes, 0, plan.row_bytes - span.bytes);
            from[i] = copy;
        }
    }
    kernel.filter_rows(from, targets, filter);
}

// Each row of the source is filtered once and kept as long as target rows are made of it.
void rows_first(Kernel const& kernel, Plan& plan, Image const& source, Window const& window,
                Span span, RowFilter const& filter, std::uint8_t* target,
                std::int64_t target_row_bytes) noexcept {
    int next = 0;
    for (int y = 0; y < window.height; y++) {
        AxisFilter::Taps const found = plan.columns.taps(window.top + y, plan.taps);
        next = y == 0 ? found.first : next;
        for (; next < found.first + found.count; next += ROWS) {
            filter_source(kernel, plan, source, span, next, filter);
        }
        for (int k = 0; k < found.count; k++) {
            plan.row_pointers[k] =
                plan.filtered + (found.first + k) % plan.held * plan.held_bytes;
        }
        sum_columns(kernel, plan, found, static_cast<std::int64_t>(window.width) * CHANNELS,
                    target + y * target_row_bytes);
    }
}

}  // namespace

std::int64_t scratch_bytes(Filter shape, Image const& source, Window const& window) noexcept {
    return Plan(shape, source, window, nullptr).bytes;
}

void resize(Kernel const& kernel, Filter shape, Image const& source, Window const& window,
            std::uint8_t* target, std::int64_t target_row_bytes, void* scratch) noexcept {
    Plan plan(shape, source, window, scratch);
    Span const span = plan_rows(plan, window);
    RowFilter const filter{plan.first, plan.weights, plan.groups, window.width,
                           kernel.by_blocks ? plan_blocks(plan, window.width) : Blocks{}};
    // What overshoots is cut to a byte after each pass, so their order shows: Pillow's is rows first. Where
    // nothing overshoots it does not, and columns first takes less.
    auto const both = shape == Filter::BICUBIC ? rows_first : columns_first;
    both(kernel, plan, source, window, span, filter, target, target_row_bytes);
}

Kernel const& best_kernel() noexcept {
#if defined(__x86_64__)
    static Kernel const& best =
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi") &&
                __builtin_cpu_supports("avx512vnni")
            ? AVX512
        : __builtin_cpu_supports("avx2") ? AVX2
                                         : PORTABLE;
    return best;
#else
    return PORTABLE;
#endif
}

}  // namespace millrace

char const* millrace_resize_kernel() noexcept {
    return millrace::best_kernel().name;
}

int64_t millrace_resize_scratch(int32_t filter, int32_t width, int32_t height, int32_t full_width,
                                int32_t full_height, int32_t window_width) noexcept {
    return millrace::scratch_bytes(static_cast<millrace::Filter>(filter), {nullptr, width, height, 0},
                                   {full_width, full_height, 0, 0, window_width, 0});
}

void millrace_resize(int32_t filter, uint8_t const* source, int32_t width, int32_t height,
                     int64_t row_bytes, int32_t full_width, int32_t full_height, int32_t left,
                     int32_t top, int32_t window_width, int32_t window_height, uint8_t* target,
                     int64_t target_row_bytes, void* scratch) noexcept {
    millrace::resize(millrace::best_kernel(), static_cast<millrace::Filter>(filter),
                     {source, width, height, row_bytes},
                     {full_width, full_height, left, top, window_width, window_height}, target,
                     target_row_bytes, scratch);
}
