#pragma once
/// `manifest.json` of a backup. Threads: any.

#include "storage/sqlite/tenant_backup.h"

namespace millwright {

inline constexpr const char* kManifestFile = "manifest.json";

std::string to_json(const BackupManifest& manifest);
/// Errors: kDataLoss where it is no manifest; kFailedPrecondition for a newer version.
Result<BackupManifest> parse_manifest(std::string_view json);

}  // namespace millwright
