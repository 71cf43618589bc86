#pragma once
/// Sub-sequences that resemble nothing before them: the left matrix profile.
///
/// For signals that repeat a shape (strokes, turns, cycles, heart beats): a window is unusual where
/// even its nearest earlier window is far. Distances are Euclidean between windows whose mean is
/// removed and whose scatter is scaled to one. Sources: C.-C. M. Yeh et al. (2016), Matrix profile
/// I; Y. Zhu et al. (2016), Matrix profile II (the recurrence along diagonals). Tier: scheduled;
/// the time grows with the square of the length (40,000 values: seconds). Pure: safe to call from
/// any thread.

#include <cstddef>
#include <span>
#include <vector>

namespace millwright::ml {

/// The lag at which the values resemble themselves most, behind the first lag at which they do not
/// at all; within [shortest, longest]. `shortest` where they never repeat. O(n longest).
std::size_t dominant_period(std::span<const double> values, std::size_t shortest,
                            std::size_t longest);

/// For each window start i in [from, n - window], the distance to its nearest window that ends
/// before i; shape (n - window + 1,), 0 before `from` and where there is no earlier one.
/// Windows with less than a twentieth of the usual scatter count as having that much: noise
/// round a constant resembles nothing either. window >= 2.
std::vector<double> left_profile(std::span<const double> values, std::size_t window,
                                 std::size_t from);

}  // namespace millwright::ml
