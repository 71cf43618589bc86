#include "ml/tabular/window_columns.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "base/text.h"

namespace millwright::ml {
namespace {

constexpr std::size_t kMaxColumns = 4'096;
constexpr std::size_t kMaxInputs = 256;
constexpr std::size_t kMaxWindow = 65'536;
constexpr std::size_t kMaxNameBytes = 256;

/// Labels as metrics have them: letters, digits, _ and dots.
bool is_metric_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '.';
         });
}

double mean_of(std::span<const double> samples) {
  return std::accumulate(samples.begin(), samples.end(), 0.0) / static_cast<double>(samples.size());
}

double mean_square(std::span<const double> samples, double around) {
  double sum = 0;
  for (const double sample : samples) sum += (sample - around) * (sample - around);
  return sum / static_cast<double>(samples.size());
}

}  // namespace

Result<WindowColumns> WindowColumns::parse(std::span<const std::string> names,
                                           std::size_t window_size) {
  if (names.empty() || names.size() > kMaxColumns) {
    return invalid_argument("a model reads 1 to " + std::to_string(kMaxColumns) +
                            " columns, this one " + std::to_string(names.size()));
  }
  if (window_size < 1 || window_size > kMaxWindow) {
    return invalid_argument("a model judges windows of 1 to " + std::to_string(kMaxWindow) +
                            " samples, this one of " + std::to_string(window_size));
  }
  WindowColumns columns;
  columns.window_size_ = window_size;
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (!seen.insert(name).second) {
      return invalid_argument("the model has two columns of the name " + quote(name));
    }
    MW_ASSIGN(const Column column, columns.column(name));
    columns.columns_.push_back(column);
  }
  return columns;
}

Result<WindowColumns::Column> WindowColumns::column(const std::string& name) {
  static const std::map<std::string, Figure, std::less<>> figures = {{"mean", Figure::kMean},
                                                                     {"std", Figure::kStd},
                                                                     {"min", Figure::kMin},
                                                                     {"max", Figure::kMax},
                                                                     {"rms", Figure::kRms}};
  const std::size_t colon = name.find(':');
  const std::string input = name.substr(0, colon);
  if (!is_metric_name(input)) {
    return invalid_argument("column " + quote(name) +
                            " names no metric: use letters, digits, _ and dots, such as "
                            "temperature or temperature:mean");
  }
  Column column;
  column.sample = window_size_ - 1;
  if (colon != std::string::npos) {
    const std::string figure = name.substr(colon + 1);
    const auto known = figures.find(figure);
    const auto [end, error] =
        std::from_chars(figure.data(), figure.data() + figure.size(), column.sample);
    const bool is_number = error == std::errc() && end == figure.data() + figure.size();
    if (known != figures.end()) {
      column.figure = known->second;
    } else if (!is_number || column.sample >= window_size_) {
      return invalid_argument("column " + quote(name) + " asks for " + quote(figure) +
                              " of a window of " + std::to_string(window_size_) +
                              ": give mean, std, min, max, rms or a sample from 0 on");
    }
  }
  const auto at = std::find(inputs_.begin(), inputs_.end(), input);
  column.input = static_cast<std::size_t>(at - inputs_.begin());
  if (at == inputs_.end()) inputs_.push_back(input);
  if (inputs_.size() > kMaxInputs) {
    return invalid_argument("the model reads more than " + std::to_string(kMaxInputs) + " metrics");
  }
  return column;
}

double WindowColumns::value(const Column& column, std::span<const double> samples) {
  switch (column.figure) {
    case Figure::kSample:
      break;
    case Figure::kMean:
      return mean_of(samples);
    case Figure::kStd:
      return std::sqrt(mean_square(samples, mean_of(samples)));
    case Figure::kMin:
      return *std::min_element(samples.begin(), samples.end());
    case Figure::kMax:
      return *std::max_element(samples.begin(), samples.end());
    case Figure::kRms:
      return std::sqrt(mean_square(samples, 0));
  }
  return samples[column.sample];
}

Result<std::vector<float>> WindowColumns::row(std::span<const std::vector<double>> window) const {
  const bool fits = window.size() == inputs_.size() &&
                    std::all_of(window.begin(), window.end(), [&](const auto& samples) {
                      return samples.size() == window_size_;
                    });
  if (!fits) {
    return invalid_argument("the model reads " + std::to_string(window_size_) +
                            " samples of each of " + std::to_string(inputs_.size()) + " metrics");
  }
  std::vector<float> row;
  row.reserve(columns_.size());
  for (const Column& column : columns_) {
    row.push_back(static_cast<float>(value(column, window[column.input])));
  }
  return row;
}

}  // namespace millwright::ml
