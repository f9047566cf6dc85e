// Every kernel against the filter in plain double precision, with random sizes, windows and strides.
// The source is a block of its own that ends with its last pixel, so that AddressSanitizer sees every
// byte read outside; the target has canaries around every row.
#include "resize.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

namespace {

using millrace::CHANNELS;
using millrace::Filter;

constexpr std::uint8_t CANARY = 0xA5;

std::mt19937 generator(20250917);

int between(int least, int most) {
    return std::uniform_int_distribution<int>(least, most)(generator);
}

// Small numbers as often as large ones, where the special cases are.
int side(int most) {
    double const exponent = std::uniform_real_distribution<double>(0, std::log(most))(generator);
    return std::min(most, static_cast<int>(std::lround(std::exp(exponent))));
}

struct Case {
    Filter filter;
    int width;
    int height;
    std::int64_t row_bytes;
    millrace::Window window;
    std::int64_t target_row_bytes;
    std::unique_ptr<std::uint8_t[]> source;
};

Case random_case(int most_side, int most_target) {
    Case made{};
    made.filter = between(0, 1) == 0 ? Filter::BILINEAR : Filter::BICUBIC;
    made.width = side(most_side);
    made.height = side(most_side);
    made.row_bytes = made.width * CHANNELS + between(0, 1) * between(0, 70);
    made.window.full_width = between(0, 9) == 0 ? made.width : side(most_target);
    made.window.full_height = between(0, 9) == 0 ? made.height : side(most_target);
    bool const whole = between(0, 1) == 0;
    made.window.width = whole ? made.window.full_width : between(1, made.window.full_width);
    made.window.height = whole ? made.window.full_height : between(1, made.window.full_height);
    made.window.left = between(0, made.window.full_width - made.window.width);
    made.window.top = between(0, made.window.full_height - made.window.height);
    made.target_row_bytes = made.window.width * CHANNELS + between(1, 40);
    std::size_t const bytes = (made.height - 1) * made.row_bytes + made.width * CHANNELS;
    made.source = std::make_unique<std::uint8_t[]>(bytes);
    int const kind = between(0, 3);
    for (std::size_t i = 0; i < bytes; i++) {
        made.source[i] = static_cast<std::uint8_t>(kind == 0   ? 255
                                                   : kind == 1 ? 255 * between(0, 1)
                                                               : between(0, 255));
    }
    return made;
}

// The taps of one target sample in double precision.
struct Taps {
    int first;
    std::vector<double> weights;
};

double weight(Filter filter, double distance) {
    double const x = std::abs(distance);
    if (filter == Filter::BILINEAR) {
        return std::max(0.0, 1 - x);
    }
    double const a = -0.5;
    return x < 1   ? (a + 2) * x * x * x - (a + 3) * x * x + 1
           : x < 2 ? a * x * x * x - 5 * a * x * x + 8 * a * x - 4 * a
                   : 0;
}

Taps taps(Filter filter, int source, int target, int index) {
    double const scale = static_cast<double>(source) / target;
    double const support = (filter == Filter::BICUBIC ? 2 : 1) * std::max(1.0, scale);
    double const center = (index + 0.5) * scale;
    Taps found{std::max(0, static_cast<int>(center - support + 0.5)), {}};
    int const end = std::min(source, static_cast<int>(center + support + 0.5));
    double sum = 0;
    for (int i = found.first; i < end; i++) {
        found.weights.push_back(weight(filter, (i - center + 0.5) / std::max(1.0, scale)));
        sum += found.weights.back();
    }
    for (double& weight : found.weights) {
        weight /= sum;
    }
    return found;
}

double reference(Case const& made, Taps const& across, Taps const& down, int channel) {
    double sum = 0;
    for (std::size_t k = 0; k < down.weights.size(); k++) {
        std::uint8_t const* row = made.source.get() + (down.first + k) * made.row_bytes + channel;
        double along = 0;
        for (std::size_t i = 0; i < across.weights.size(); i++) {
            along += across.weights[i] * row[(across.first + i) * CHANNELS];
        }
        sum += down.weights[k] * std::clamp(along, 0.0, 255.0);
    }
    return std::clamp(sum, 0.0, 255.0);
}

// The target's rows and what lies between them.
std::vector<std::uint8_t> resized(millrace::Kernel const& kernel, Case const& made) {
    millrace::Image const image{made.source.get(), made.width, made.height, made.row_bytes};
    std::vector<std::uint8_t> target(made.target_row_bytes * made.window.height, CANARY);
    auto const scratch =
        std::make_unique<std::uint64_t[]>(
            (millrace::scratch_bytes(made.filter, image, made.window) + 7) / 8);
    millrace::resize(kernel, made.filter, image, made.window, target.data(), made.target_row_bytes,
                     scratch.get());
    return target;
}

[[noreturn]] void fail(millrace::Kernel const& kernel, Case const& made, char const* what) {
    millrace::Window const& window = made.window;
    std::fprintf(stderr, "failed: %s: %s: %s: %dx%d to %dx%d, %dx%d at %d,%d\n", kernel.name,
                 made.filter == Filter::BICUBIC ? "bicubic" : "bilinear", what, made.width, made.height, window.full_width, window.full_height, window.width,
                 window.height, window.left, window.top);
    std::exit(1);
}

// How many levels the kernels are away from the reference at most.
long check(std::vector<millrace::Kernel const*> const& kernels, Case const& made) {
    std::vector<std::uint8_t> const expected = resized(millrace::PORTABLE, made);
    for (millrace::Kernel const* kernel : kernels) {
        if (resized(*kernel, made) != expected) {
            fail(*kernel, made, "not what the portable kernel gives");
        }
    }
    millrace::Window const& window = made.window;
    long worst = 0;
    for (int y = 0; y < window.height; y += between(1, 1 + window.height / 8)) {
        std::uint8_t const* row = expected.data() + y * made.target_row_bytes;
        Taps const down = taps(made.filter, made.height, window.full_height, window.top + y);
        for (int x = 0; x < window.width; x += between(1, 1 + window.width / 8)) {
            Taps const across = taps(made.filter, made.width, window.full_width, window.left + x);
            int const channel = between(0, CHANNELS - 1);
            long const exact = std::lround(reference(made, across, down, channel));
            worst = std::max(worst, std::abs(row[x * CHANNELS + channel] - exact));
        }
        std::uint8_t const* end = row + made.target_row_bytes;
        if (!std::all_of(row + window.width * CHANNELS, end,
                         [](std::uint8_t byte) { return byte == CANARY; })) {
            fail(millrace::PORTABLE, made, "wrote behind a row");
        }
    }
    return worst;
}

}  // namespace

// The portable kernel with the weight of one tap of one row wrong by a fiftieth.
millrace::Kernel const PLANTED{
    "planted", false,
    [](std::uint8_t const* const* rows, std::uint32_t const* pairs, int pair_count,
       std::uint8_t* target, std::int64_t bytes) {
        std::vector<std::uint32_t> wrong(pairs, pairs + pair_count);
        wrong[0] = (wrong[0] & 0xFFFF0000) | ((wrong[0] + (1 << millrace::WEIGHT_BITS) / 50) & 0xFFFF);
        millrace::PORTABLE.sum_rows(rows, wrong.data(), pair_count, target, bytes);
    },
    millrace::PORTABLE.filter_rows};

void must_see_a_wrong_tap() {
    for (int seen = 0, tried = 0; seen < 20; tried++) {
        Case const made = random_case(100, 100);
        seen += resized(PLANTED, made) != resized(millrace::PORTABLE, made);
        if (tried == 200) {
            fail(PLANTED, made, "no difference is seen");
        }
    }
}

int main() {
    std::vector<millrace::Kernel const*> kernels{&millrace::PORTABLE, &millrace::best_kernel()};
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        kernels.push_back(&millrace::AVX2);
    } else {
        std::printf("skipped: AVX2, which this CPU lacks\n");
    }
    if (&millrace::best_kernel() != &millrace::AVX512) {
        std::printf("skipped: AVX-512, of which this CPU lacks VL, VBMI or VNNI\n");
    }
#endif
    must_see_a_wrong_tap();
    for (int i = 0; i < 1000; i++) {
        Case const made = i % 50 == 0 ? random_case(3000, 1000) : random_case(300, 300);
        if (check(kernels, made) > 1) {
            fail(millrace::PORTABLE, made, "more than a level off");
        }
    }
    std::printf("ok; best is %s\n", millrace::best_kernel().name);
    return 0;
}
