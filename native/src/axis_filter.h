// A filter along one axis; AxisFilter.java, which this equals, says what it is.
#ifndef MILLRACE_AXIS_FILTER_H
#define MILLRACE_AXIS_FILTER_H

namespace millrace {

// As the C interface numbers them.
enum class Filter { BILINEAR = 0, BICUBIC = 1 };

class AxisFilter {
public:
    // `source` samples become `target`; the weights of a target sample add up to `one`.
    AxisFilter(Filter filter, int source, int target, int one) noexcept;

    // The most taps of a target sample.
    int most() const noexcept { return most_; }

    struct Taps {
        int first;
        int count;
    };

    // The taps of a target sample without those at its end that weigh nothing, of the triangle also without
    // those at its beginning. No sample's first tap lies before that of the sample before. `weights` has
    // most().
    Taps taps(int index, int* weights) const noexcept;

private:
    template <Filter FILTER>
    Taps taps_of(int index, int* weights) const noexcept;

    Filter filter_;
    int source_;
    double one_;
    double scale_;
    double support_;
    double inverse_;
    int most_;
};

}  // namespace millrace

#endif
