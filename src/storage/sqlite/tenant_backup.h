#pragma once
/// Backup and restore of one tenant's folder.
///
/// A backup is a folder with a copy of each of the tenant's files and `manifest.json`, which is
/// written last: a folder without one is no backup. Described in docs/formats/backup.md.
///
/// Threads: any; one call at a time for a folder. Time: copying and reading the files once each.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"

namespace millwright {

struct BackupManifest {
  struct File {
    std::string name;  ///< such as "chunks.db"
    std::uint64_t bytes = 0;
    std::uint32_t crc32c = 0;  ///< of the whole file
  };
  TenantId tenant;
  Timestamp taken_at{};
  std::uint64_t devices = 0;
  std::uint64_t metrics = 0;
  std::uint64_t samples = 0;  ///< as VerifyReport counts them
  std::optional<std::int64_t> first_us = {}, last_us = {};
  std::vector<std::string> damages = {};  ///< sentences; what was damaged when the backup was taken
  std::vector<File> files = {};
};

/// Copies what the tenant has at this moment to the folder `to`, which must be missing or empty,
/// while others write and read; then reads the copy as `verify` does. Damage in the tenant is no
/// error: it is in the manifest. What a failure leaves behind has no manifest.
/// Errors: kNotFound where the tenant's folder lacks a file; kAlreadyExists where `to` is not
/// empty; kDataLoss where a page cannot be read (set it aside first); kResourceExhausted where the
/// disk is full.
Result<BackupManifest> back_up_tenant(const std::filesystem::path& tenant_folder,
                                      const TenantId& tenant, const std::filesystem::path& to,
                                      const Clock& clock);

/// Reads the manifest and all files, and compares them.
/// Errors: kNotFound where there is no manifest; kDataLoss naming the file that does not fit;
/// kFailedPrecondition for a newer version.
Result<BackupManifest> check_backup(const std::filesystem::path& from);

/// Puts a backup into `tenant_folder`, which must be missing or, with `replace`, is moved to
/// `<tenant_folder>.before-<time>` first. The new folder is made beside it and renamed when it is
/// complete; it says that it was restored. Nobody may have the data folder open.
/// Errors: as check_backup(); kFailedPrecondition for a backup of another tenant; kAlreadyExists.
Result<BackupManifest> restore_tenant(const std::filesystem::path& from, const TenantId& tenant,
                                      const std::filesystem::path& tenant_folder, bool replace,
                                      const Clock& clock);

}  // namespace millwright
