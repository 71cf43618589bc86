#include "analytics/live_samples.h"

#include <algorithm>
#include <atomic>
#include <numeric>

namespace millwright {
namespace {

/// Samples that may wait for distribution: half a second of the fastest stream we promise to take.
constexpr std::size_t kInboxSamples = 500'000;

std::size_t samples_of(const Message& message) {
  const auto* stored = std::get_if<SamplesStored>(&message);
  if (!stored) return 0;
  std::size_t count = 0;
  for (const auto& scalars : stored->scalars) count += scalars.samples.size();
  for (const auto& waveform : stored->waveforms) count += waveform.block.value.size();
  return count;
}

/// Ascending in time; of equal times the one that came last.
void put_in_order(SampleColumns& columns) {
  const auto& times = columns.timestamp_us;
  if (std::adjacent_find(times.begin(), times.end(), std::greater_equal<>()) == times.end()) return;
  std::vector<std::size_t> order(times.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return times[a] < times[b]; });
  SampleColumns sorted;
  for (const std::size_t i : order) {
    if (!sorted.empty() && sorted.timestamp_us.back() == times[i]) {
      sorted.value.back() = columns.value[i];
    } else {
      sorted.append(times[i], columns.value[i]);
    }
  }
  columns = std::move(sorted);
}

void keep_newest(SampleColumns& columns, std::size_t count) {
  if (columns.size() <= count) return;
  const auto cut = static_cast<std::ptrdiff_t>(columns.size() - count);
  columns.timestamp_us.erase(columns.timestamp_us.begin(), columns.timestamp_us.begin() + cut);
  columns.value.erase(columns.value.begin(), columns.value.begin() + cut);
}

}  // namespace

struct LiveSamples::Subscriber {
  LiveFilter filter;
  LiveSink sink;
  std::atomic<bool> paused{false};
  std::mutex calling;  // held while the sink runs; guards gone
  bool gone = false;

  // Touched by flush() only.
  std::map<SeriesId, LiveColumns> pending;
  std::size_t pending_samples = 0;
  TimePoint due{};  // not before

  SampleColumns& columns(const Metric& metric) {
    const auto [entry, is_new] = pending.try_emplace(metric.series, LiveColumns{metric, {}});
    if (!is_new) entry->second.metric = metric;  // a unit may have been corrected
    return entry->second.samples;
  }
};

struct LiveSamples::State {
  const Clock& clock;
  const std::chrono::milliseconds interval;
  const std::size_t pending_limit;
  std::atomic<std::uint64_t> left_out{0};

  std::mutex mutex;  // guards what follows
  std::vector<std::shared_ptr<Subscriber>> subscribers;
  std::deque<std::shared_ptr<const Message>> inbox;
  std::size_t inbox_samples = 0;

  void remove(const std::shared_ptr<Subscriber>& subscriber) {
    const std::lock_guard lock(mutex);
    std::erase(subscribers, subscriber);
  }

  void distribute(const Message& message, const std::vector<std::shared_ptr<Subscriber>>& all) {
    if (const auto* removed = std::get_if<DeviceRemoved>(&message)) {
      for (const auto& subscriber : all) {
        if (subscriber->filter.tenant == removed->tenant &&
            subscriber->filter.device == removed->device) {
          complete(subscriber);
        }
      }
    } else if (const auto* stored = std::get_if<SamplesStored>(&message)) {
      for (const auto& subscriber : all) {
        if (subscriber->filter.tenant == stored->tenant) collect(*stored, *subscriber);
      }
    }
  }

  void collect(const SamplesStored& stored, Subscriber& subscriber) {
    const auto wanted = [&](const Metric& metric) {
      return metric.key.device == subscriber.filter.device &&
             is_within(metric.key.path, subscriber.filter.path);
    };
    for (const auto& [metric, samples] : stored.scalars) {
      if (!wanted(metric) || samples.empty()) continue;
      SampleColumns& into = subscriber.columns(metric);
      into.timestamp_us.insert(into.timestamp_us.end(), samples.timestamp_us.begin(),
                               samples.timestamp_us.end());
      into.value.insert(into.value.end(), samples.value.begin(), samples.value.end());
      subscriber.pending_samples += samples.size();
    }
    for (const auto& [metric, block] : stored.waveforms) {
      if (!wanted(metric) || block.value.empty()) continue;
      SampleColumns& into = subscriber.columns(metric);
      for (std::size_t i = 0; i < block.value.size(); ++i) {
        into.append(block.time_us(i), static_cast<double>(block.value[i]));
      }
      subscriber.pending_samples += block.value.size();
    }
    if (subscriber.pending_samples > pending_limit) coalesce(subscriber);
  }

  /// Down to half of the limit, so that a paused subscriber costs O(1) a sample.
  void coalesce(Subscriber& subscriber) {
    const std::size_t share =
        std::max<std::size_t>(1, pending_limit / 2 / subscriber.pending.size());
    const std::size_t before = subscriber.pending_samples;
    subscriber.pending_samples = 0;
    for (auto& [series, columns] : subscriber.pending) {
      keep_newest(columns.samples, share);
      subscriber.pending_samples += columns.samples.size();
    }
    left_out += before - subscriber.pending_samples;
  }

  void send(Subscriber& subscriber) {
    std::vector<LiveColumns> message;
    for (auto& [series, columns] : subscriber.pending) {
      put_in_order(columns.samples);
      message.push_back(std::move(columns));
    }
    subscriber.pending.clear();
    subscriber.pending_samples = 0;
    std::sort(message.begin(), message.end(),
              [](const auto& a, const auto& b) { return a.metric.key < b.metric.key; });
    const std::lock_guard lock(subscriber.calling);
    if (!subscriber.gone) subscriber.sink.on_samples(message);
  }

  void complete(const std::shared_ptr<Subscriber>& subscriber) {
    remove(subscriber);
    const std::lock_guard lock(subscriber->calling);
    if (subscriber->gone) return;
    subscriber->gone = true;
    subscriber->sink.on_complete();
  }
};

namespace {

template <typename State, typename Subscriber>
class LiveHandle final : public LiveSamples::Handle {
 public:
  LiveHandle(std::shared_ptr<State> state, std::shared_ptr<Subscriber> subscriber)
      : state_(std::move(state)), subscriber_(std::move(subscriber)) {}
  ~LiveHandle() override {
    state_->remove(subscriber_);
    const std::lock_guard lock(subscriber_->calling);
    subscriber_->gone = true;
  }
  void pause(bool paused) override { subscriber_->paused = paused; }

 private:
  std::shared_ptr<State> state_;
  std::shared_ptr<Subscriber> subscriber_;
};

}  // namespace

LiveSamples::LiveSamples(const Clock& clock, std::chrono::milliseconds interval,
                         std::size_t pending)
    : state_(new State{clock, interval, pending, {}, {}, {}, {}, 0}) {}

LiveSamples::~LiveSamples() = default;

std::unique_ptr<LiveSamples::Handle> LiveSamples::add(LiveFilter filter, LiveSink sink) {
  auto subscriber = std::make_shared<Subscriber>(std::move(filter), std::move(sink));
  const std::lock_guard lock(state_->mutex);
  state_->subscribers.push_back(subscriber);
  return std::make_unique<LiveHandle<State, Subscriber>>(state_, std::move(subscriber));
}

bool LiveSamples::publish(const std::shared_ptr<const Message>& message) {
  const auto* stored = std::get_if<SamplesStored>(message.get());
  const auto* removed = std::get_if<DeviceRemoved>(message.get());
  if (!stored && !removed) return false;
  const TenantId& tenant = stored ? stored->tenant : removed->tenant;
  const std::lock_guard lock(state_->mutex);
  const auto& subscribers = state_->subscribers;
  if (std::none_of(subscribers.begin(), subscribers.end(),
                   [&](const auto& subscriber) { return subscriber->filter.tenant == tenant; })) {
    return false;
  }
  state_->inbox.push_back(message);
  state_->inbox_samples += samples_of(*message);
  while (state_->inbox_samples > kInboxSamples && state_->inbox.size() > 1) {
    const std::size_t samples = samples_of(*state_->inbox.front());
    if (samples == 0) break;  // a removal is never dropped
    state_->inbox_samples -= samples;
    state_->left_out += samples;
    state_->inbox.pop_front();
  }
  return true;
}

std::optional<LiveSamples::TimePoint> LiveSamples::flush() {
  std::deque<std::shared_ptr<const Message>> messages;
  std::vector<std::shared_ptr<Subscriber>> subscribers;
  {
    const std::lock_guard lock(state_->mutex);
    messages.swap(state_->inbox);
    state_->inbox_samples = 0;
    subscribers = state_->subscribers;
  }
  for (const auto& message : messages) state_->distribute(*message, subscribers);
  const TimePoint now = state_->clock.steady_now();
  std::optional<TimePoint> next;
  for (const auto& subscriber : subscribers) {
    if (subscriber->pending.empty()) continue;
    if (!subscriber->paused && subscriber->due <= now) {
      state_->send(*subscriber);
      subscriber->due = now + state_->interval;
    } else {
      // A paused one is looked at again after an interval: resuming needs no signal of its own.
      const TimePoint due =
          std::max(subscriber->due,
                   now + (subscriber->paused ? state_->interval : std::chrono::milliseconds(0)));
      next = next ? std::min(*next, due) : due;
    }
  }
  return next;
}

void LiveSamples::complete_all() {
  std::vector<std::shared_ptr<Subscriber>> subscribers;
  {
    const std::lock_guard lock(state_->mutex);
    subscribers = state_->subscribers;
  }
  for (const auto& subscriber : subscribers) state_->complete(subscriber);
}

std::size_t LiveSamples::subscribers() const {
  const std::lock_guard lock(state_->mutex);
  return state_->subscribers.size();
}

std::uint64_t LiveSamples::left_out() const { return state_->left_out; }

}  // namespace millwright
