#include "retention/retention_service.h"

#include <algorithm>

#include "base/log.h"
#include "retention/keep_words.h"
#include "retention/retention_rules.h"

namespace millwright {
namespace {

constexpr auto kLongestRest = std::chrono::seconds(1);

void add(Expirable& sum, const Expirable& part) {
  if (part.samples == 0) return;
  const bool is_first = sum.samples == 0;
  sum.samples += part.samples;
  sum.bytes += part.bytes;
  sum.first_us = is_first ? part.first_us : std::min(sum.first_us, part.first_us);
  sum.last_us = is_first ? part.last_us : std::max(sum.last_us, part.last_us);
}

/// Parts of at most `most`.
std::vector<std::span<const Expiry>> slices(std::span<const Expiry> all, std::size_t most) {
  std::vector<std::span<const Expiry>> out;
  for (std::size_t begin = 0; begin < all.size(); begin += most) {
    out.push_back(all.subspan(begin, std::min(most, all.size() - begin)));
  }
  return out;
}

}  // namespace

Result<std::vector<Expiry>> tenant_expiries(TenantCatalog& catalog, const RetentionRule& preset,
                                            Timestamp now,
                                            const std::optional<RetentionRule>& supposed) {
  MW_ASSIGN(std::vector<RetentionRule> rules, catalog.retention_rules());
  if (supposed) {
    std::erase_if(rules, [&](const auto& rule) { return rule.scope == supposed->scope; });
    rules.push_back(*supposed);
  }
  rules = retention::with_default(std::move(rules), preset);
  std::vector<Expiry> out;
  MW_ASSIGN(const std::vector<Device> devices, catalog.devices());
  for (const Device& device : devices) {
    MW_ASSIGN(const std::vector<Metric> metrics, catalog.metrics(device.id, *Path::parse("")));
    const std::vector<Expiry> expired = retention::expiries(rules, metrics, now);
    out.insert(out.end(), expired.begin(), expired.end());
  }
  return out;
}

std::string preview_words(const Expirable& found) {
  if (found.samples == 0) return "will delete nothing";
  // The day after the last sample: what is before it includes that sample.
  const auto day = std::chrono::floor<std::chrono::days>(from_us(found.last_us));
  return "will delete " + retention::format_bytes(static_cast<double>(found.bytes)) +
         ", all before " + format_utc(day + std::chrono::days(1)).substr(0, 10);
}

RetentionService::RetentionService(TenantDirectory& directory, const Clock& clock,
                                   telemetry::Telemetry& telemetry, Expire expire,
                                   RetentionOptions options)
    : directory_(directory),
      clock_(clock),
      expire_(std::move(expire)),
      options_(options),
      removed_samples_(telemetry.counter("millwright_retention_removed_samples_total",
                                         "Samples that were removed because they had expired")),
      removed_bytes_(telemetry.counter("millwright_retention_removed_bytes_total",
                                       "What they took in the store")),
      failures_(telemetry.counter("millwright_retention_failures_total",
                                  "Tenants whose expired samples could not be removed")) {}

RetentionService::~RetentionService() { stop(); }

// Rules -------------------------------------------------------------------------------------------

Result<std::vector<RetentionService::Listed>> RetentionService::rules(const Principal& principal,
                                                                      const TenantId& tenant) {
  MW_ASSIGN(const auto store, directory_.open(principal, tenant));
  MW_TRY(require_manage(principal));
  MW_ASSIGN(std::vector<RetentionRule> own, store->catalog().retention_rules());
  const std::size_t owned = own.size();
  own = retention::with_default(std::move(own), retention::waveform_default(options_.waveforms));
  std::vector<Listed> out;
  for (std::size_t i = 0; i < own.size(); ++i) out.push_back({own[i], i >= owned});
  return out;
}

Result<> RetentionService::put(const Principal& principal, const TenantId& tenant,
                               const RetentionRule& rule) {
  MW_ASSIGN(const auto store, directory_.open(principal, tenant));
  MW_TRY(require_administer(principal));
  MW_TRY(store->catalog().put_retention_rule(rule));
  log::info("a retention rule is set", {{"tenant", tenant.str()},
                                        {"by", principal.name},
                                        {"path", rule.scope.path.str()},
                                        {"keep_h", rule.keep.count()}});
  return {};
}

Result<> RetentionService::remove(const Principal& principal, const TenantId& tenant,
                                  const RetentionScope& scope) {
  MW_ASSIGN(const auto store, directory_.open(principal, tenant));
  MW_TRY(require_administer(principal));
  MW_TRY(store->catalog().remove_retention_rule(scope));
  log::info("a retention rule is removed",
            {{"tenant", tenant.str()}, {"by", principal.name}, {"path", scope.path.str()}});
  return {};
}

Result<Expirable> RetentionService::preview(const Principal& principal, const TenantId& tenant,
                                            const std::optional<RetentionRule>& supposed) {
  MW_ASSIGN(const auto store, directory_.open(principal, tenant));
  MW_TRY(require_manage(principal));
  if (supposed && supposed->scope.device) MW_TRY(store->catalog().device(*supposed->scope.device));
  MW_ASSIGN(const std::vector<Expiry> expiries,
            tenant_expiries(store->catalog(), retention::waveform_default(options_.waveforms),
                            clock_.now(), supposed));
  Expirable sum;
  for (const auto slice : slices(expiries, options_.series_a_step)) {
    MW_ASSIGN(const Expirable part, store->samples().expirable(slice));
    add(sum, part);
  }
  return sum;
}

// Removal -----------------------------------------------------------------------------------------

void RetentionService::start() {
  worker_ = std::jthread([this](const std::stop_token& stop) {
    rest(stop, std::min(options_.first_after, options_.interval));
    while (!stop.stop_requested()) {
      run_round(stop);
      rest(stop, options_.interval);
    }
  });
}

void RetentionService::stop() {
  worker_.request_stop();
  if (worker_.joinable()) worker_.join();
}

void RetentionService::rest(const std::stop_token& stop, std::chrono::steady_clock::duration time) {
  std::unique_lock lock(resting_);
  wake_.wait_for(lock, stop, time, [] { return false; });
}

void RetentionService::run_round(const std::stop_token& stop) {
  const auto tenants = directory_.tenants();
  if (!tenants) {
    failures_.add();
    log::warning("retention cannot list the tenants", {{"detail", tenants.error().detail}});
    return;
  }
  for (const TenantId& tenant : *tenants) {
    if (stop.stop_requested()) return;
    const auto removed = expire_tenant(tenant, stop);
    if (!removed) {
      failures_.add();
      log::warning("a tenant's expired samples could not be removed",
                   {{"tenant", tenant.str()},
                    {"reason", removed.error().message},
                    {"detail", removed.error().detail}});
    } else if (removed->samples > 0) {
      log::info("expired samples are removed", {{"tenant", tenant.str()},
                                                {"samples", removed->samples},
                                                {"bytes", removed->bytes},
                                                {"newest", format_utc(from_us(removed->last_us))}});
    }
  }
}

Result<Expirable> RetentionService::expire_tenant(const TenantId& tenant,
                                                  const std::stop_token& stop) {
  MW_ASSIGN(const auto store, directory_.open_for_service(tenant));
  MW_ASSIGN(const std::vector<Expiry> expiries,
            tenant_expiries(store->catalog(), retention::waveform_default(options_.waveforms),
                            clock_.now()));
  Expirable sum;
  for (const auto slice : slices(expiries, options_.series_a_step)) {
    if (stop.stop_requested()) break;
    MW_ASSIGN(const Expirable found, store->samples().expirable(slice));
    if (found.samples == 0) continue;
    MW_ASSIGN(const bool is_done, expire_slice(tenant, slice, stop));
    if (!is_done) break;
    add(sum, found);
    removed_samples_.add(static_cast<double>(found.samples));
    removed_bytes_.add(static_cast<double>(found.bytes));
  }
  return sum;
}

Result<bool> RetentionService::expire_slice(const TenantId& tenant, std::span<const Expiry> slice,
                                            const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto began = std::chrono::steady_clock::now();
    MW_ASSIGN(const bool more, expire_(tenant, slice));
    if (!more) return true;
    const auto took = std::chrono::steady_clock::now() - began;
    rest(stop, std::min<std::chrono::steady_clock::duration>(took, kLongestRest));
  }
  return false;
}

}  // namespace millwright
