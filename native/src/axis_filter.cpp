#include "axis_filter.h"

#include <algorithm>
#include <cmath>

namespace millrace {

namespace {

constexpr int KEPT = 8;

}  // namespace

AxisFilter::AxisFilter(int source, int target, int one) noexcept
    : source_(source),
      one_(one),
      scale_(static_cast<double>(source) / target),
      support_(std::max(1.0, scale_)),
      inverse_(1 / support_),
      most_(2 * static_cast<int>(std::ceil(support_)) + 1) {}

AxisFilter::Taps AxisFilter::taps(int index, int* weights) const noexcept {
    double const center = (index + 0.5) * scale_;
    int first = std::max(0, static_cast<int>(center - support_ + 0.5));
    int count = std::min(source_, static_cast<int>(center + support_ + 0.5)) - first;
    auto const raw = [&](int k) {
        return std::max(0.0, 1 - std::abs(first + k - center + 0.5) * inverse_);
    };
    // Few taps' values are kept, since most of the time goes into them.
    double kept[KEPT];
    double total = 0;
    if (count <= KEPT) {
        for (int k = 0; k < count; k++) {
            kept[k] = raw(k);
            total += kept[k];
        }
    } else {
        for (int k = 0; k < count; k++) {
            total += raw(k);
        }
    }
    double const factor = one_ / total;
    double sum = 0;
    int rounded = 0;
    for (int k = 0; k < count; k++) {
        sum += (count <= KEPT ? kept[k] : raw(k)) * factor;
        int next = static_cast<int>(sum);
        next += sum - next >= 0.5;
        weights[k] = next - rounded;
        rounded = next;
    }
    int zeros = 0;
    while (zeros < count - 1 && weights[zeros] == 0) {
        zeros++;
    }
    std::copy(weights + zeros, weights + count, weights);
    count -= zeros;
    while (count > 1 && weights[count - 1] == 0) {
        count--;
    }
    return {first + zeros, count};
}

}  // namespace millrace
