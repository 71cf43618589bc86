#include "storage/sqlite/backup_manifest.h"

#include <nlohmann/json.hpp>

namespace millwright {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;

Error no_manifest(const std::string& why) {
  return Error{ErrorCode::kDataLoss, std::string(kManifestFile) + " is damaged; use another backup",
               why};
}

json time_of(const std::optional<std::int64_t>& at_us) {
  return at_us ? json(format_utc(from_us(*at_us))) : json();
}

Result<std::optional<std::int64_t>> time_in(const json& manifest, const char* key) {
  const json& text = manifest.at(key);
  if (text.is_null()) return std::optional<std::int64_t>();
  MW_ASSIGN(const Timestamp at, parse_utc(text.get_ref<const std::string&>()));
  return std::optional(to_us(at));
}

BackupManifest::File file_in(const json& file) {
  return {file.at("name").get<std::string>(), file.at("bytes").get<std::uint64_t>(),
          file.at("crc32c").get<std::uint32_t>()};
}

/// May throw what the JSON library throws.
Result<BackupManifest> manifest_in(const json& object) {
  if (object.at("version").get<int>() > kVersion) {
    return failed_precondition(
        "the backup was written by a newer version; restore it with that version");
  }
  MW_ASSIGN(TenantId tenant, TenantId::parse(object.at("tenant").get_ref<const std::string&>()));
  MW_ASSIGN(const Timestamp taken, parse_utc(object.at("taken_at").get_ref<const std::string&>()));
  BackupManifest out{.tenant = std::move(tenant), .taken_at = taken};
  out.devices = object.at("devices").get<std::uint64_t>();
  out.metrics = object.at("metrics").get<std::uint64_t>();
  out.samples = object.at("samples").get<std::uint64_t>();
  MW_ASSIGN(out.first_us, time_in(object, "first_sample"));
  MW_ASSIGN(out.last_us, time_in(object, "last_sample"));
  out.damages = object.at("damages").get<std::vector<std::string>>();
  for (const json& file : object.at("files")) out.files.push_back(file_in(file));
  return out;
}

}  // namespace

std::string to_json(const BackupManifest& manifest) {
  json files = json::array();
  for (const BackupManifest::File& file : manifest.files) {
    files.push_back({{"name", file.name}, {"bytes", file.bytes}, {"crc32c", file.crc32c}});
  }
  const json object{{"format", "millwright tenant backup"},
                    {"version", kVersion},
                    {"tenant", manifest.tenant.str()},
                    {"taken_at", format_utc(manifest.taken_at)},
                    {"devices", manifest.devices},
                    {"metrics", manifest.metrics},
                    {"samples", manifest.samples},
                    {"first_sample", time_of(manifest.first_us)},
                    {"last_sample", time_of(manifest.last_us)},
                    {"damages", manifest.damages},
                    {"files", std::move(files)}};
  return object.dump(2) + "\n";
}

Result<BackupManifest> parse_manifest(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return no_manifest("it is no JSON object");
  try {
    auto manifest = manifest_in(object);
    if (manifest || manifest.error().code == ErrorCode::kFailedPrecondition) return manifest;
    return no_manifest(manifest.error().message);
  } catch (const json::exception& problem) {
    return no_manifest(problem.what());
  }
}

}  // namespace millwright
