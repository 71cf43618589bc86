#include "ingest/tenant_writer.h"

#include "base/log.h"

namespace millwright::ingest {

TenantWriter::TenantWriter(std::shared_ptr<TenantStore> store, std::unique_ptr<WatermarkLog> log,
                           const Surroundings& around)
    : store_(std::move(store)),
      log_(std::move(log)),
      around_(around),
      cursors_(*store_),
      devices_(store_->catalog(), around.clock),
      group_(*store_, log_.get(), cursors_, around.bus, around.clock, around.counters),
      rules_(*store_, cursors_, devices_, group_, around.clock, around.counters, around.options),
      unnumbered_(store_->catalog(), devices_),
      restore_watch_(*store_, log_.get(), group_, around.clock, around.counters,
                     around.options.declare_missing_after),
      maintained_(around.clock.steady_now()) {}

Flow TenantWriter::put(Item item, Budget::Use use) {
  around_.in_flight.add();
  const Flow flow = use.share ? around_.budget.take(use) : Flow::kContinue;
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    inbox_.push_back({std::move(item), std::move(use)});
    put_at_ = around_.clock.steady_now();
    is_first = !std::exchange(is_scheduled_, true);
  }
  if (is_first) around_.pool.post([self = shared_from_this()] { self->run(); });
  return flow;
}

bool TenantWriter::is_idle_since(std::chrono::steady_clock::time_point instant) {
  const std::lock_guard lock(mutex_);
  return inbox_.empty() && !is_scheduled_ && put_at_ <= instant;
}

std::vector<TenantWriter::Waiting> TenantWriter::take() {
  const std::lock_guard lock(mutex_);
  std::vector<Waiting> out;
  std::size_t bytes = 0;
  while (!inbox_.empty() && bytes < around_.options.group_bytes) {
    bytes += inbox_.front().use.bytes;
    out.push_back(std::move(inbox_.front()));
    inbox_.pop_front();
  }
  return out;
}

void TenantWriter::run() {
  restore_watch_.look();
  std::vector<Waiting> group = take();
  std::vector<Budget::Use> uses;
  for (Waiting& waiting : group) {
    handle(waiting.item);
    if (waiting.use.share) uses.push_back(waiting.use);
    if (group_.samples() >= around_.options.group_samples) group_.commit();
  }
  group_.commit();
  if (group_.has_failed()) restore_watch_.look_again();
  restore_watch_.step();
  cursors_.trim();
  const std::size_t count = group.size();
  group.clear();
  around_.budget.give_back(uses);
  if (count > 0) around_.in_flight.remove(count);

  bool is_idle = false;
  {
    const std::lock_guard lock(mutex_);
    is_idle = inbox_.empty();
  }
  const bool more = upkeep(is_idle);
  {
    const std::lock_guard lock(mutex_);
    if (inbox_.empty() && !more) {
      is_scheduled_ = false;
      return;
    }
  }
  // At the end of the line: other tenants come first.
  around_.pool.post([self = shared_from_this()] { self->run(); });
}

void TenantWriter::handle(Item& item) {
  if (auto* batch = std::get_if<BatchItem>(&item)) {
    rules_.batch(batch->session, batch->batch);
  } else if (auto* gap = std::get_if<GapItem>(&item)) {
    rules_.gap(gap->session, gap->gap);
  } else if (auto* unnumbered = std::get_if<UnnumberedItem>(&item)) {
    handle(*unnumbered);
  } else {
    group_.commit();
    if (auto* hello = std::get_if<HelloItem>(&item)) {
      rules_.hello(hello->session, std::move(hello->hello));
    } else if (auto* task = std::get_if<TaskItem>(&item)) {
      task->task(*store_);
    } else if (auto* forget = std::get_if<ForgetItem>(&item)) {
      cursors_.forget_device(forget->device);
      devices_.forget(forget->device);
      unnumbered_.forget_metrics();
    }
  }
}

void TenantWriter::handle(UnnumberedItem& item) {
  Append append;
  const std::int64_t latest_us = to_us(around_.clock.now() + around_.options.future_tolerance);
  auto refusal = unnumbered_.build(item.samples, latest_us, group_.touched(), append);
  if (refusal) around_.counters.refused(std::string(to_string(refusal->error.code)), 1);
  Outcome outcome;
  outcome.done = [done = std::move(item.done), refusal = std::move(refusal)](Result<> stored) {
    if (!stored && stored.error().code == ErrorCode::kResourceExhausted) {
      done(FirstRefusal{0, resource_exhausted("the server's disk is full; send the samples again "
                                              "in 30 s")});
    } else if (!stored) {
      done(FirstRefusal{0, unavailable("the samples could not be stored; send them again",
                                       stored.error().detail)});
    } else {
      done(refusal);
    }
  };
  if (!append.samples.empty()) outcome.append = group_.add(std::move(append));
  group_.add(std::move(outcome));
}

bool TenantWriter::upkeep(bool is_idle) {
  if (around_.is_stopping) return false;
  const auto now = around_.clock.steady_now();
  const auto since = now - maintained_;
  const bool is_due = is_idle ? has_more_upkeep_ || since >= around_.options.maintain_interval
                              : since >= around_.options.maintain_latest;
  if (!is_due) return false;
  maintained_ = now;
  const auto more = store_->samples().maintain();
  if (!more) {
    log::warning("a tenant's store could not do its upkeep",
                 {{"tenant", tenant().str()}, {"detail", more.error().detail}});
  }
  has_more_upkeep_ = more.value_or(false);
  return has_more_upkeep_;
}

}  // namespace millwright::ingest
