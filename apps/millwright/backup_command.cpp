#include "apps/millwright/backup_command.h"

#include <cstdio>

#include "apps/millwright/admin_commands.h"
#include "storage/sqlite/data_folder_lock.h"
#include "storage/sqlite/sqlite_tenant_directory.h"
#include "storage/sqlite/tenant_backup.h"

namespace millwright {
namespace {

constexpr int kDamaged = 2;

struct Flags {
  std::string data = "var", tenant, place;
  bool replace = false;
};

std::filesystem::path tenant_folder(const Flags& flags, const TenantId& tenant) {
  return std::filesystem::path(flags.data) / "tenants" / tenant.str();
}

void print(const char* what, const BackupManifest& manifest) {
  std::string range;
  if (manifest.first_us) {
    range = ", from " + format_utc(from_us(*manifest.first_us)) + " to " +
            format_utc(from_us(*manifest.last_us));
  }
  std::printf("tenant %s %s: %llu devices, %llu metrics, %llu samples%s\n",
              manifest.tenant.str().c_str(), what,
              static_cast<unsigned long long>(manifest.devices),
              static_cast<unsigned long long>(manifest.metrics),
              static_cast<unsigned long long>(manifest.samples), range.c_str());
  for (const std::string& damage : manifest.damages) {
    std::printf("damaged when the backup was taken: %s\n", damage.c_str());
  }
}

Result<int> backup(const Flags& flags) {
  MW_ASSIGN(const TenantId tenant, TenantId::parse(flags.tenant));
  MW_TRY(SqliteTenantDirectory::require_in(flags.data, tenant));
  MW_ASSIGN(const BackupManifest manifest,
            back_up_tenant(tenant_folder(flags, tenant), tenant, flags.place, SystemClock()));
  print("is backed up", manifest);
  return manifest.damages.empty() ? 0 : kDamaged;
}

Result<int> restore(const Flags& flags) {
  MW_ASSIGN(const TenantId tenant, TenantId::parse(flags.tenant));
  std::filesystem::create_directories(std::filesystem::path(flags.data) / "tenants");
  MW_ASSIGN(const DataFolderLock lock, DataFolderLock::take(flags.data));
  MW_ASSIGN(const BackupManifest manifest,
            restore_tenant(flags.place, tenant, tenant_folder(flags, tenant), flags.replace,
                           SystemClock()));
  print("is restored", manifest);
  return 0;
}

void run(const std::shared_ptr<Flags>& flags, Result<int> (*command)(const Flags&), CLI::App& app,
         int& exit_code) {
  app.add_option("--tenant", flags->tenant, "Tenant identifier")->required();
  app.add_option("--data", flags->data, "Data folder (default var)");
  app.callback([flags, command, &exit_code] {
    const Result<int> done = command(*flags);
    exit_code = done ? *done : report_failure(done.error());
  });
}

}  // namespace

void add_backup_commands(CLI::App& app, int& exit_code) {
  auto saved = std::make_shared<Flags>();
  CLI::App* backup_command = app.add_subcommand(
      "backup", "Copy all of a tenant to a folder, also while the server runs, and check the copy");
  backup_command->add_option("--to", saved->place, "A folder that is missing or empty")->required();
  run(saved, backup, *backup_command, exit_code);

  auto restored = std::make_shared<Flags>();
  CLI::App* restore_command = app.add_subcommand(
      "restore", "Put a tenant's backup into the data folder; the server must not run");
  restore_command->add_option("--from", restored->place, "The folder of the backup")->required();
  restore_command->add_flag("--replace", restored->replace,
                            "Move the tenant that is there aside first");
  run(restored, restore, *restore_command, exit_code);
}

}  // namespace millwright
