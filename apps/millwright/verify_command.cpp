#include "apps/millwright/verify_command.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "apps/millwright/admin_commands.h"
#include "storage/sqlite/data_folder_lock.h"
#include "storage/sqlite/sqlite_tenant_directory.h"
#include "storage/sqlite/sqlite_verify.h"

namespace millwright {
namespace {

constexpr int kDamaged = 2;

struct Flags {
  std::string data = "var", tenant;
  bool json = false;
  bool set_aside = false;
};

nlohmann::json to_json(const Damage& damage) {
  nlohmann::json out{
      {"file", damage.file}, {"reason", damage.reason}, {"text", to_sentence(damage)}};
  if (damage.series) out["series"] = static_cast<std::int64_t>(*damage.series);
  if (damage.metric) {
    out["device_identifier"] = damage.metric->device.str();
    out["path"] = damage.metric->path.str();
    out["metric_identifier"] = damage.metric->metric.str();
  }
  if (damage.first_us) {
    out["first"] = format_utc(from_us(*damage.first_us));
    out["last"] = format_utc(from_us(*damage.last_us));
  }
  return out;
}

void print(const Flags& flags, const VerifyReport& report, std::uint64_t moved) {
  if (flags.json) {
    nlohmann::json out{{"tenant_identifier", flags.tenant},
                       {"sound", report.damages.empty()},
                       {"pages", report.pages},
                       {"chunks", report.chunks},
                       {"log_records", report.log_records},
                       {"waveforms", report.waveforms},
                       {"samples", report.samples},
                       {"set_aside", report.set_aside},
                       {"moved", moved},
                       {"damages", nlohmann::json::array()}};
    for (const Damage& damage : report.damages) out["damages"].push_back(to_json(damage));
    std::printf("%s\n", out.dump(2).c_str());
    return;
  }
  for (const Damage& damage : report.damages) std::printf("%s\n", to_sentence(damage).c_str());
  std::printf(
      "tenant %s: %llu pages, %llu chunks, %llu waveforms, %llu records of the log, %llu samples: "
      "%s\n",
      flags.tenant.c_str(), static_cast<unsigned long long>(report.pages),
      static_cast<unsigned long long>(report.chunks),
      static_cast<unsigned long long>(report.waveforms),
      static_cast<unsigned long long>(report.log_records),
      static_cast<unsigned long long>(report.samples),
      report.damages.empty() ? "sound"
                             : (std::to_string(report.damages.size()) + " damages").c_str());
  if (report.set_aside > 0) {
    std::printf("%llu damaged pieces were moved aside; restore a backup to have them again\n",
                static_cast<unsigned long long>(report.set_aside));
  }
}

Result<int> verify(const Flags& flags) {
  MW_ASSIGN(const TenantId tenant, TenantId::parse(flags.tenant));
  MW_TRY(SqliteTenantDirectory::require_in(flags.data, tenant));
  const std::filesystem::path folder = std::filesystem::path(flags.data) / "tenants" / tenant.str();
  std::optional<DataFolderLock> lock;
  if (flags.set_aside) {
    MW_ASSIGN(DataFolderLock taken, DataFolderLock::take(flags.data));
    lock.emplace(std::move(taken));
  }
  MW_ASSIGN(VerifyReport report, verify_tenant_folder(folder));
  std::uint64_t moved = 0;
  if (flags.set_aside && !report.damages.empty()) {
    if (!flags.json) {
      for (const Damage& damage : report.damages) std::printf("%s\n", to_sentence(damage).c_str());
    }
    MW_ASSIGN(moved, set_aside_damage(folder, report));
    MW_ASSIGN(report, verify_tenant_folder(folder));
    if (!flags.json)
      std::printf("moved %llu pieces aside\n", static_cast<unsigned long long>(moved));
  }
  print(flags, report, moved);
  return report.damages.empty() ? 0 : kDamaged;
}

}  // namespace

void add_verify_command(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command =
      app.add_subcommand("verify", "Read all that a tenant has stored and name what is damaged");
  command->add_option("--tenant", flags->tenant, "Tenant identifier")->required();
  command->add_option("--data", flags->data, "Data folder (default var)");
  command->add_flag("--json", flags->json, "One JSON object on standard output");
  command->add_flag("--set-aside", flags->set_aside,
                    "Move damaged pieces out of the way of readers; the server must not run");
  command->callback([flags, &exit_code] {
    const Result<int> done = verify(*flags);
    exit_code = done ? *done : report_failure(done.error());
  });
}

}  // namespace millwright
