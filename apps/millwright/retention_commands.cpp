#include "apps/millwright/retention_commands.h"

#include <cstdio>

#include "apps/millwright/admin_commands.h"
#include "apps/millwright/server_flags.h"
#include "apps/millwright/tenant_stores.h"
#include "retention/keep_words.h"
#include "retention/retention_rules.h"
#include "retention/retention_service.h"

namespace millwright {
namespace {

struct Flags {
  ServerFlags server;
  std::string tenant;
  std::optional<std::string> device, path, metric, keep;
  bool waveforms = false;
};

/// The tenant that is meant, and the server's default.
struct Place {
  std::unique_ptr<TenantBeside> tenant;
  RetentionRule preset;
  TenantCatalog& catalog() const { return tenant->catalog(); }
};

Result<Place> open(const Flags& flags) {
  MW_ASSIGN(const ServeOptions options, read_serve_options(flags.server));
  MW_ASSIGN(const TenantId tenant, TenantId::parse(flags.tenant));
  MW_ASSIGN(auto opened, open_beside({options.data, options.store}, tenant));
  return Place{std::move(opened), retention::waveform_default(options.waveform_retention)};
}

Result<RetentionScope> scope_of(const Flags& flags) {
  return retention::parse_scope(flags.device, flags.path, flags.metric, flags.waveforms);
}

/// "metric vibration at line.motor1 of device 000001, waveforms only".
std::string words(const RetentionScope& scope) {
  std::string out;
  if (scope.metric) out += "metric " + scope.metric->str();
  if (!scope.path.str().empty()) out += (out.empty() ? "at " : " at ") + scope.path.str();
  if (scope.device) out += (out.empty() ? "device " : " of device ") + scope.device->str();
  if (scope.waveforms_only) return out.empty() ? "waveforms" : out + ", waveforms only";
  return out.empty() ? "everything" : out;
}

Result<> list(const Flags& flags) {
  MW_ASSIGN(const Place place, open(flags));
  MW_ASSIGN(std::vector<RetentionRule> rules, place.catalog().retention_rules());
  const std::size_t own = rules.size();
  rules = retention::with_default(std::move(rules), place.preset);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    std::printf("%s\t%s%s\n", retention::format_keep(rules[i].keep).c_str(),
                words(rules[i].scope).c_str(), i < own ? "" : " (the server's default)");
  }
  return {};
}

Result<> set(const Flags& flags) {
  MW_ASSIGN(RetentionScope scope, scope_of(flags));
  MW_ASSIGN(const std::chrono::hours keep, retention::parse_keep(flags.keep.value_or("")));
  MW_ASSIGN(const Place place, open(flags));
  return place.catalog().put_retention_rule({std::move(scope), keep});
}

Result<> remove(const Flags& flags) {
  MW_ASSIGN(const RetentionScope scope, scope_of(flags));
  MW_ASSIGN(const Place place, open(flags));
  return place.catalog().remove_retention_rule(scope);
}

Result<> preview(const Flags& flags) {
  std::optional<RetentionRule> supposed;
  MW_ASSIGN(RetentionScope scope, scope_of(flags));
  if (flags.keep) {
    MW_ASSIGN(const std::chrono::hours keep, retention::parse_keep(*flags.keep));
    supposed = RetentionRule{std::move(scope), keep};
  } else if (flags.device || flags.path || flags.metric || flags.waveforms) {
    return invalid_argument("say with --keep how long that scope would be kept");
  }
  MW_ASSIGN(const Place place, open(flags));
  const SystemClock clock;
  MW_ASSIGN(const std::vector<Expiry> expiries,
            tenant_expiries(place.catalog(), place.preset, clock.now(), supposed));
  MW_ASSIGN(const Expirable found, place.tenant->expirable(expiries));
  std::printf("%s (%llu samples)\n", preview_words(found).c_str(),
              static_cast<unsigned long long>(found.samples));
  return {};
}

}  // namespace

void add_retention_commands(CLI::App& app, int& exit_code) {
  CLI::App* retention =
      app.add_subcommand("retention", "How long samples are kept")->require_subcommand(1);
  auto flags = std::make_shared<Flags>();
  const auto add = [&](const char* name, const char* help, bool has_scope,
                       Result<> (*command)(const Flags&)) {
    CLI::App* sub = retention->add_subcommand(name, help);
    sub->add_option("--tenant", flags->tenant, "Tenant identifier")->required();
    add_server_options(*sub, flags->server);
    if (has_scope) {
      sub->add_option("--device", flags->device, "Only this device");
      sub->add_option("--path", flags->path, "Only this path and all below it");
      sub->add_option("--metric", flags->metric, "Only this metric and those that it begins");
      sub->add_flag("--waveforms", flags->waveforms, "Only waveforms");
    }
    sub->callback([flags, command, &exit_code] {
      const Result<> done = command(*flags);
      exit_code = done ? 0 : report_failure(done.error());
    });
    return sub;
  };
  add("list", "Print the rules", false, list);
  add("set", "Set or replace the rule of a scope", true, set)
      ->add_option("--keep", flags->keep, "Such as '36 months', '2 days' or 'forever'")
      ->required();
  add("remove", "Remove the rule of a scope", true, remove);
  add("preview", "Print what would be removed, now or with a rule", true, preview)
      ->add_option("--keep", flags->keep, "As if that scope were kept so long");
}

}  // namespace millwright
