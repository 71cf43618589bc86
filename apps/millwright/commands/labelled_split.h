#pragma once
/// What the protocols that classify windows and cycles have in common.

#include <map>
#include <string>

#include "apps/millwright/commands/protocols.h"
#include "ml/evaluation/classification.h"
#include "ml/evaluation/splits.h"
#include "ml/trees/labelled_rows.h"

namespace millwright {

/// Rows by what is left out as a whole: a load, a file.
using RowsByGroup = std::map<std::string, ml::LabelledRows>;

/// Predictions for `test` by the shipped trees, trained on `train`.
Result<ml::Confusion> judge(const ml::LabelledRows& train, const ml::LabelledRows& test,
                            std::size_t classes, std::uint32_t seed);

/// Each group is tested by a model of the others; all predictions together.
/// Errors: kInvalidArgument with fewer than two groups.
Result<ml::Confusion> leave_one_out(const RowsByGroup& groups, std::size_t classes,
                                    std::uint32_t seed);

/// All groups together.
ml::LabelledRows pooled(const RowsByGroup& groups);

/// Appends the features of every whole window of `window` samples in `range` to `rows`; `axes` have
/// the same length. `features` takes one window of one axis.
template <typename Features>
void add_windows(const std::vector<std::vector<double>>& axes, ml::Range range, std::size_t window,
                 std::size_t label, const Features& features, ml::LabelledRows& rows) {
  for (const std::size_t start : ml::window_starts(range, window, window)) {
    std::vector<float> row;
    for (const std::vector<double>& axis : axes) {
      const std::vector<float> part = features(std::span(axis).subspan(start, window));
      row.insert(row.end(), part.begin(), part.end());
    }
    rows.add(row, label);
  }
}

}  // namespace millwright
