#pragma once
/// Runs one life model on every component that has its inputs and their age.
///
/// A row is complete when all inputs and the age have a sample of the same time. Rows are followed
/// in order of time; late ones are left alone. The first row of a component makes the tracker read
/// the present life from the store, so that a restart forgets nothing.
/// Not thread-safe: the analyst's worker owns it.

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "analyst/component.h"
#include "analyst/live_models.h"
#include "model/event.h"
#include "storage/sample_store.h"

namespace millwright {

class LifeWatch {
 public:
  /// `samples` outlives the watch.
  LifeWatch(std::shared_ptr<const LifeModel> model, SampleStore& samples);

  /// Takes samples in; judge() says what they mean.
  void observe(const Metric& metric, const SampleColumns& samples);
  /// The newest verdict of each component that has new whole rows.
  /// Errors: those of the model and the store; the row is then left out.
  std::vector<Result<Prediction>> judge();
  void forget(const DeviceId& device);
  const LifeModel& model() const { return *model_; }

 private:
  /// Values of the inputs and, last, the age.
  struct Row {
    std::vector<double> value;
    std::vector<bool> has;
    std::size_t missing = 0;
  };
  struct State {
    std::vector<std::optional<SeriesId>> series;  // of the inputs and the age
    std::map<std::int64_t, Row> rows;
    std::unique_ptr<LifeTracker> tracker;
    std::optional<std::int64_t> followed_us;
  };

  Result<std::optional<Prediction>> follow(const Component& component, State& state);
  Result<> read_history(State& state, std::int64_t before_us);
  Result<LifeVerdict> observe_row(State& state, const Row& row) const;
  static void put(std::map<std::int64_t, Row>& rows, std::size_t inputs, std::size_t input,
                  const SampleColumns& samples, std::optional<std::int64_t> after_us);

  std::shared_ptr<const LifeModel> model_;
  SampleStore& samples_;
  std::vector<std::string> names_;  // the inputs and, last, the age
  std::map<Component, State> components_;
  std::set<Component> touched_;
};

}  // namespace millwright
