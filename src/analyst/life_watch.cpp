#include "analyst/life_watch.h"

#include <algorithm>

namespace millwright {
namespace {

constexpr std::size_t kWaitingRows = 256;
/// Longer than any life in the data that we know (C-MAPSS: 543 cycles).
constexpr std::size_t kHistoryRows = 1'024;
constexpr std::int64_t kLongestHistoryUs = std::int64_t{10} * 365 * 86'400 * 1'000'000;

}  // namespace

LifeWatch::LifeWatch(std::shared_ptr<const LifeModel> model, SampleStore& samples)
    : model_(std::move(model)), samples_(samples), names_(model_->label().inputs) {
  names_.push_back(model_->age_input());
}

void LifeWatch::observe(const Metric& metric, const SampleColumns& samples) {
  const auto place = place_of(metric.key, names_);
  if (!place) return;
  State& state = components_[place->component];
  state.series.resize(names_.size());
  state.series[place->input] = metric.series;
  put(state.rows, names_.size(), place->input, samples, state.followed_us);
  // Many rows may come in one commit, column by column: only judge() may throw rows away.
  touched_.insert(place->component);
}

std::vector<Result<Prediction>> LifeWatch::judge() {
  std::vector<Result<Prediction>> verdicts;
  for (const Component& component : touched_) {
    State& state = components_[component];
    auto followed = follow(component, state);
    while (state.rows.size() > kWaitingRows) state.rows.erase(state.rows.begin());
    if (!followed) {
      verdicts.emplace_back(std::move(followed).error());
    } else if (*followed) {
      verdicts.emplace_back(std::move(**followed));
    }
  }
  touched_.clear();
  return verdicts;
}

Result<std::optional<Prediction>> LifeWatch::follow(const Component& component, State& state) {
  std::optional<LifeVerdict> newest;
  std::optional<Error> error;
  for (auto row = state.rows.begin(); row != state.rows.end();) {
    if (row->second.missing > 0) {
      ++row;
      continue;
    }
    if (!state.tracker) MW_TRY(read_history(state, row->first));
    auto verdict = observe_row(state, row->second);
    state.followed_us = row->first;
    if (verdict) {
      newest = std::move(verdict).value();
    } else {
      error = std::move(verdict).error();
    }
    // Rows before a whole one will not be completed in order any more.
    row = state.rows.erase(state.rows.begin(), std::next(row));
  }
  if (!newest) {
    if (error) return std::move(*error);
    return std::optional<Prediction>();
  }
  Prediction prediction{component.device,
                        component.path,
                        PredictionKind::kRemainingUsefulLife,
                        model_->label().name,
                        model_->label().version,
                        from_us(*state.followed_us),
                        {},
                        {},
                        newest->value,
                        newest->lower,
                        newest->upper,
                        model_->unit(),
                        std::move(newest->reason)};
  return std::optional(std::move(prediction));
}

Result<> LifeWatch::read_history(State& state, std::int64_t before_us) {
  state.tracker = model_->track();
  TimeRange range{before_us, before_us};
  std::int64_t width_us = 60'000'000;
  std::uint64_t count = 0;
  while (count < kHistoryRows && width_us < kLongestHistoryUs && range.start_us > 0) {
    range.start_us = std::max<std::int64_t>(0, before_us - width_us);
    MW_ASSIGN(count, samples_.count(*state.series.back(), range));
    width_us *= 2;
  }
  std::map<std::int64_t, Row> rows;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    MW_ASSIGN(const auto columns, samples_.read(*state.series[i], range, 100 * kHistoryRows));
    put(rows, names_.size(), i, columns, std::nullopt);
  }
  std::erase_if(rows, [](const auto& row) { return row.second.missing > 0; });
  for (const auto& [at_us, row] : rows) {
    // A row that the model refuses is left out here as it was when it came.
    [[maybe_unused]] const auto verdict = observe_row(state, row);
  }
  return {};
}

Result<LifeVerdict> LifeWatch::observe_row(State& state, const Row& row) const {
  const std::span<const double> values(row.value);
  return state.tracker->observe(values.back(), values.first(values.size() - 1));
}

void LifeWatch::put(std::map<std::int64_t, Row>& rows, std::size_t inputs, std::size_t input,
                    const SampleColumns& samples, std::optional<std::int64_t> after_us) {
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (after_us && samples.timestamp_us[i] <= *after_us) continue;
    Row& row = rows[samples.timestamp_us[i]];
    if (row.value.empty()) {
      row.value.resize(inputs);
      row.has.resize(inputs);
      row.missing = inputs;
    }
    if (!row.has[input]) --row.missing;
    row.has[input] = true;
    row.value[input] = samples.value[i];
  }
}

void LifeWatch::forget(const DeviceId& device) {
  std::erase_if(components_, [&](const auto& entry) { return entry.first.device == device; });
  std::erase_if(touched_, [&](const Component& component) { return component.device == device; });
}

}  // namespace millwright
