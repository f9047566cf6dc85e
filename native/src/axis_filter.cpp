#include "axis_filter.h"

#include <algorithm>
#include <cmath>

namespace millrace {

namespace {

constexpr int KEPT = 8;

// What a sample weighs at this distance, which is not below 0.
template <Filter FILTER>
inline double raw(double distance) noexcept {
    if (FILTER == Filter::BILINEAR) {
        return std::max(0.0, 1 - distance);
    }
    return distance < 1   ? (1.5 * distance - 2.5) * distance * distance + 1
           : distance < 2 ? (((distance - 5) * distance + 8) * distance - 4) * -0.5
                          : 0;
}

}  // namespace

AxisFilter::AxisFilter(Filter filter, int source, int target, int one) noexcept
    : filter_(filter),
      source_(source),
      one_(one),
      scale_(static_cast<double>(source) / target),
      support_((filter == Filter::BICUBIC ? 2 : 1) * std::max(1.0, scale_)),
      inverse_(1 / std::max(1.0, scale_)),
      most_(2 * static_cast<int>(std::ceil(support_)) + 1) {}

AxisFilter::Taps AxisFilter::taps(int index, int* weights) const noexcept {
    return filter_ == Filter::BICUBIC ? taps_of<Filter::BICUBIC>(index, weights)
                                      : taps_of<Filter::BILINEAR>(index, weights);
}

template <Filter FILTER>
AxisFilter::Taps AxisFilter::taps_of(int index, int* weights) const noexcept {
    double const center = (index + 0.5) * scale_;
    int first = std::max(0, static_cast<int>(center - support_ + 0.5));
    int count = std::min(source_, static_cast<int>(center + support_ + 0.5)) - first;
    auto const weight = [&](int k) {
        return raw<FILTER>(std::abs(first + k - center + 0.5) * inverse_);
    };
    // Few taps' values are kept, since most of the time goes into them.
    double kept[KEPT];
    double total = 0;
    if (count <= KEPT) {
        for (int k = 0; k < count; k++) {
            kept[k] = weight(k);
            total += kept[k];
        }
    } else {
        for (int k = 0; k < count; k++) {
            total += weight(k);
        }
    }
    double const factor = one_ / total;
    double sum = 0;
    int rounded = 0;
    for (int k = 0; k < count; k++) {
        sum += (count <= KEPT ? kept[k] : weight(k)) * factor;
        int next = static_cast<int>(sum);
        if (FILTER == Filter::BICUBIC) {
            next -= sum < next;
        }
        next += sum - next >= 0.5;
        weights[k] = next - rounded;
        rounded = next;
    }
    // Of the triangle alone, since the first taps of all samples must not go back: the cubic filter weighs
    // nothing at a distance of one as well.
    int zeros = 0;
    while (FILTER == Filter::BILINEAR && zeros < count - 1 && weights[zeros] == 0) {
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
