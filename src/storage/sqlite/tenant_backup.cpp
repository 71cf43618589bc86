#include "storage/sqlite/tenant_backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/crc32c.h"
#include "base/durable_file.h"
#include "base/text.h"
#include "sqlite/online_copy.h"
#include "storage/sqlite/backup_manifest.h"
#include "storage/sqlite/samples_schema.h"
#include "storage/sqlite/sqlite_verify.h"

namespace millwright {
namespace {

namespace fs = std::filesystem;

// In this order: what moves from the log into chunks meanwhile is then in both, and a metric is in
// the catalog before its first sample is stored.
constexpr std::array<const char*, 3> kFiles{"samples.db", "chunks.db", "catalog.db"};
constexpr std::size_t kMostManifestBytes = std::size_t{16} << 20;

Result<BackupManifest::File> describe(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return not_found("the backup has no file " + quote(path.filename().string()) +
                     "; use another backup");
  }
  BackupManifest::File file{path.filename().string(), 0, 0};
  std::vector<char> block(std::size_t{1} << 20);
  while (in) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    const auto got = static_cast<std::size_t>(in.gcount());
    file.crc32c = crc32c(file.crc32c, std::string_view(block.data(), got));
    file.bytes += got;
  }
  if (in.bad()) return unavailable(path.string() + " cannot be read; check the medium");
  return file;
}

Result<std::uint64_t> rows_of(sqlite::Database& database, std::string_view sql) {
  MW_ASSIGN(sqlite::Statement statement, database.prepare(sql));
  MW_TRY(statement.step());
  return static_cast<std::uint64_t>(statement.integer(0));
}

Result<> make_target(const fs::path& to) {
  std::error_code failed;
  if (fs::exists(to, failed) && !fs::is_empty(to, failed)) {
    return already_exists(quote(to.string()) +
                          " is not empty; give each backup a folder of its own");
  }
  fs::create_directories(to, failed);
  fs::permissions(to, fs::perms::owner_all, failed);
  if (failed) {
    return failed_precondition("cannot make folder " + quote(to.string()) + ": " +
                               failed.message() + "; choose one that this user may write");
  }
  return {};
}

/// Reading a database leaves files beside it that are no part of a copy at rest.
void remove_companions(const fs::path& folder) {
  std::error_code none;
  for (const char* file : kFiles) {
    fs::remove(folder / (std::string(file) + "-wal"), none);
    fs::remove(folder / (std::string(file) + "-shm"), none);
  }
}

Result<> count(const fs::path& folder, BackupManifest& manifest) {
  MW_ASSIGN(const VerifyReport report, verify_tenant_folder(folder));
  manifest.samples = report.samples;
  manifest.first_us = report.first_us;
  manifest.last_us = report.last_us;
  for (const Damage& damage : report.damages) manifest.damages.push_back(to_sentence(damage));
  MW_ASSIGN(sqlite::Database catalog, sqlite::Database::open_read_only(folder / "catalog.db"));
  MW_ASSIGN(manifest.devices, rows_of(catalog, "SELECT count(*) FROM devices"));
  MW_ASSIGN(manifest.metrics, rows_of(catalog, "SELECT count(*) FROM metrics"));
  return {};
}

Result<> copy_durably(const fs::path& from, const fs::path& to) {
  std::error_code failed;
  fs::copy_file(from, to, failed);
  if (!failed) fs::permissions(to, fs::perms::owner_read | fs::perms::owner_write, failed);
  const int file = failed ? -1 : ::open(to.c_str(), O_RDONLY | O_CLOEXEC);
  const bool is_flushed = file >= 0 && ::fsync(file) == 0;
  const std::string reason = failed ? failed.message() : std::strerror(errno);
  if (file >= 0) ::close(file);
  if (is_flushed) return {};
  return unavailable("cannot copy " + quote(from.filename().string()) + " to " +
                         quote(to.parent_path().string()) + "; check its rights and free space",
                     reason);
}

/// So that the store knows that producers may be ahead of it.
Result<> mark_restored(const fs::path& folder, const BackupManifest& manifest, const Clock& clock) {
  MW_ASSIGN(sqlite::Database samples, sqlite::Database::open(folder / "samples.db"));
  MW_TRY(samples.migrate(samples_migrations()));
  MW_ASSIGN(sqlite::Statement insert,
            samples.prepare("INSERT INTO restores (restored_us, backup_us) VALUES (?, ?)"));
  insert.bind_all(to_us(clock.now()), to_us(manifest.taken_at));
  return insert.run();
}

}  // namespace

Result<BackupManifest> back_up_tenant(const fs::path& tenant_folder, const TenantId& tenant,
                                      const fs::path& to, const Clock& clock) {
  MW_TRY(make_target(to));
  BackupManifest manifest{.tenant = tenant, .taken_at = clock.now()};
  for (const char* file : kFiles) {
    if (!fs::exists(tenant_folder / file)) {
      return not_found("tenant " + quote(tenant.str()) + " has no file " + quote(file) +
                       "; a tenant that was never used has nothing to back up");
    }
    MW_ASSIGN(sqlite::Database database, sqlite::Database::open_read_only(tenant_folder / file));
    MW_TRY(copy_online(database, to / file));
  }
  MW_TRY(count(to, manifest));
  remove_companions(to);
  for (const char* file : kFiles) {
    MW_ASSIGN(BackupManifest::File described, describe(to / file));
    manifest.files.push_back(std::move(described));
  }
  const std::string json = to_json(manifest);
  MW_TRY(write_durably(to / kManifestFile, std::as_bytes(std::span(json))));
  return manifest;
}

Result<BackupManifest> check_backup(const fs::path& from) {
  const auto bytes = read_whole(from / kManifestFile, kMostManifestBytes);
  if (!bytes) {
    if (bytes.error().code != ErrorCode::kNotFound) return bytes.error();
    return not_found(quote(from.string()) + " has no " + kManifestFile +
                     ": it is no backup, or one that was not finished");
  }
  MW_ASSIGN(BackupManifest manifest,
            parse_manifest({reinterpret_cast<const char*>(bytes->data()), bytes->size()}));
  for (const char* name : kFiles) {
    const auto listed =
        std::find_if(manifest.files.begin(), manifest.files.end(),
                     [&](const BackupManifest::File& file) { return file.name == name; });
    MW_ASSIGN(const BackupManifest::File found, describe(from / name));
    if (listed == manifest.files.end() || listed->bytes != found.bytes ||
        listed->crc32c != found.crc32c) {
      return Error{ErrorCode::kDataLoss,
                   "file " + quote(name) +
                       " of the backup is not as it was written; use another "
                       "backup",
                   {}};
    }
  }
  return manifest;
}

Result<BackupManifest> restore_tenant(const fs::path& from, const TenantId& tenant,
                                      const fs::path& tenant_folder, bool replace,
                                      const Clock& clock) {
  MW_ASSIGN(BackupManifest manifest, check_backup(from));
  if (manifest.tenant != tenant) {
    return failed_precondition("the backup is of tenant " + quote(manifest.tenant.str()) +
                               "; restore it under that identifier");
  }
  std::error_code failed;
  const bool is_there = fs::exists(tenant_folder, failed);
  if (is_there && !replace) {
    return already_exists("tenant " + quote(tenant.str()) +
                          " exists; --replace moves it aside and puts the backup in its place");
  }
  const fs::path fresh = tenant_folder.string() + ".restoring";
  fs::remove_all(fresh, failed);  // of an earlier try
  MW_TRY(make_target(fresh));
  for (const char* file : kFiles) MW_TRY(copy_durably(from / file, fresh / file));
  MW_TRY(mark_restored(fresh, manifest, clock));
  if (is_there) {
    const std::string aside =
        tenant_folder.string() + ".before-" + std::to_string(to_us(clock.now()) / 1'000'000);
    MW_TRY(rename_durably(tenant_folder, aside));
  }
  MW_TRY(rename_durably(fresh, tenant_folder));
  return manifest;
}

}  // namespace millwright
