#include "apps/millwright/commands/labelled_split.h"

namespace millwright {

Result<ml::Confusion> judge(const ml::LabelledRows& train, const ml::LabelledRows& test,
                            std::size_t classes, std::uint32_t seed) {
  MW_ASSIGN(const std::vector<float> scores,
            ml::train_and_score(train, test, ml::classifier_parameters(classes, seed)));
  ml::Confusion confusion(classes);
  const auto predicted = ml::arg_max(scores, classes);
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    confusion.add(static_cast<std::size_t>(test.labels[i]), predicted[i]);
  }
  return confusion;
}

Result<ml::Confusion> leave_one_out(const RowsByGroup& groups, std::size_t classes,
                                    std::uint32_t seed) {
  if (groups.size() < 2) {
    return invalid_argument("leaving one out needs two or more, the folder has " +
                            std::to_string(groups.size()) + "; give --train another folder");
  }
  ml::Confusion all(classes);
  for (const auto& [left_out, test] : groups) {
    ml::LabelledRows train;
    for (const auto& [group, rows] : groups) {
      if (group != left_out) train.add(rows);
    }
    MW_ASSIGN(const ml::Confusion fold, judge(train, test, classes, seed));
    all.merge(fold);
  }
  return all;
}

ml::LabelledRows pooled(const RowsByGroup& groups) {
  ml::LabelledRows all;
  for (const auto& [group, rows] : groups) all.add(rows);
  return all;
}

}  // namespace millwright
