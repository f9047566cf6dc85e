// The triangle filter along one axis; AxisFilter.java, which this equals, says what it is.
#ifndef MILLRACE_AXIS_FILTER_H
#define MILLRACE_AXIS_FILTER_H

namespace millrace {

class AxisFilter {
public:
    // `source` samples become `target`; the weights of a target sample add up to `one`.
    AxisFilter(int source, int target, int one) noexcept;

    // The most taps of a target sample.
    int most() const noexcept { return most_; }

    struct Taps {
        int first;
        int count;
    };

    // The taps of a target sample without those at the ends that weigh nothing. `weights` has most().
    Taps taps(int index, int* weights) const noexcept;

private:
    int source_;
    double one_;
    double scale_;
    double support_;
    double inverse_;
    int most_;
};

}  // namespace millrace

#endif
