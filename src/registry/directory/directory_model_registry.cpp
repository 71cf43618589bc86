#include "registry/directory/directory_model_registry.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/durable_file.h"
#include "base/text.h"

namespace millwright {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxCardBytes = std::size_t{1} << 20;
constexpr std::string_view kModelFile = "model.mwm";
constexpr std::string_view kCardFile = "card.json";
constexpr std::string_view kLiveFile = "live.json";

std::vector<std::byte> bytes_of(const std::string& text) {
  std::vector<std::byte> out(text.size());
  std::memcpy(out.data(), text.data(), text.size());
  return out;
}

Error damaged(const fs::path& path) {
  return Error{ErrorCode::kDataLoss,
               "model registry file " + path.parent_path().filename().string() + "/" +
                   path.filename().string() +
                   " is damaged: restore it from a backup or remove that version's folder",
               path.string()};
}

Result<nlohmann::json> read_json(const fs::path& path) {
  MW_ASSIGN(const std::vector<std::byte> bytes, read_whole(path, kMaxCardBytes));
  const auto* text = reinterpret_cast<const char*>(bytes.data());
  auto json = nlohmann::json::parse(text, text + bytes.size(), nullptr, false);
  if (!json.is_object()) return damaged(path);
  return json;
}

std::optional<int> parse_number(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1) return std::nullopt;
  return number;
}

Error no_version(std::string_view name, int version) {
  return not_found("model " + quote(name) + " has no version " + std::to_string(version));
}

}  // namespace

Result<std::unique_ptr<DirectoryModelRegistry>> DirectoryModelRegistry::open(const fs::path& root,
                                                                             const Clock& clock) {
  std::error_code error;
  fs::create_directories(root, error);
  if (error) {
    return unavailable("the model registry's folder cannot be made: check the path and its rights",
                       root.string() + ": " + error.message());
  }
  return std::unique_ptr<DirectoryModelRegistry>(new DirectoryModelRegistry(root, clock));
}

DirectoryModelRegistry::DirectoryModelRegistry(fs::path root, const Clock& clock)
    : root_(std::move(root)), clock_(clock) {}

Result<std::vector<std::string>> DirectoryModelRegistry::names() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root_, error)) {
    std::string name = entry.path().filename().string();
    if (!check_model_name(name)) continue;
    if (const auto found = numbers(name); found && !found->empty()) out.push_back(std::move(name));
  }
  if (error) return unavailable("the model registry's folder cannot be read", error.message());
  std::sort(out.begin(), out.end());
  return out;
}

Result<std::vector<int>> DirectoryModelRegistry::numbers(std::string_view name) const {
  MW_TRY(check_model_name(name));
  std::vector<int> out;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root_ / name, error)) {
    const auto number = parse_number(entry.path().filename().string());
    if (number && fs::exists(entry.path() / kCardFile)) out.push_back(*number);
  }
  if (out.empty()) return not_found("no model is named " + quote(name));
  std::sort(out.begin(), out.end());
  return out;
}

Result<DirectoryModelRegistry::Live> DirectoryModelRegistry::read_live(
    std::string_view name) const {
  const fs::path path = root_ / name / kLiveFile;
  auto json = read_json(path);
  if (!json && json.error().code == ErrorCode::kNotFound) return Live{};
  if (!json) return json.error();
  try {
    return Live{json->at("live").get<int>(), json->at("before").get<std::vector<int>>()};
  } catch (const nlohmann::json::exception&) {
    return damaged(path);
  }
}

Result<> DirectoryModelRegistry::write_live(std::string_view name, const Live& live) const {
  const nlohmann::json json = {{"live", live.version}, {"before", live.before}};
  return write_durably(root_ / name / kLiveFile, bytes_of(json.dump(2) + "\n"));
}

Result<ModelVersion> DirectoryModelRegistry::read_version(std::string_view name, int version,
                                                          const Live& live) const {
  const fs::path path = root_ / name / std::to_string(version) / kCardFile;
  auto json = read_json(path);
  if (!json && json.error().code == ErrorCode::kNotFound) return no_version(name, version);
  if (!json) return json.error();
  ModelVersion out;
  out.name = std::string(name);
  out.version = version;
  const bool was_live =
      std::find(live.before.begin(), live.before.end(), version) != live.before.end();
  out.stage = live.version == version ? ModelStage::kLive
              : was_live              ? ModelStage::kRetired
                                      : ModelStage::kNone;
  try {
    out.hash = json->at("hash").get<std::string>();
    out.size_bytes = json->at("size_bytes").get<std::size_t>();
    MW_ASSIGN(out.created, parse_utc(json->at("created").get<std::string>()));
    out.card = json->at("card");
  } catch (const nlohmann::json::exception&) {
    return damaged(path);
  }
  return out;
}

Result<std::vector<ModelVersion>> DirectoryModelRegistry::versions(std::string_view name) {
  const std::lock_guard lock(mutex_);
  MW_ASSIGN(const std::vector<int> found, numbers(name));
  MW_ASSIGN(const Live live, read_live(name));
  std::vector<ModelVersion> out;
  for (const int number : found) {
    MW_ASSIGN(ModelVersion version, read_version(name, number, live));
    out.push_back(std::move(version));
  }
  return out;
}

Result<FetchedModel> DirectoryModelRegistry::fetch(std::string_view name,
                                                   std::optional<int> version) {
  const std::lock_guard lock(mutex_);
  MW_TRY(numbers(name));
  MW_ASSIGN(const Live live, read_live(name));
  const int wanted = version.value_or(live.version);
  if (wanted == 0) {
    return not_found("model " + quote(name) + " has no live version: promote one");
  }
  MW_ASSIGN(ModelVersion described, read_version(name, wanted, live));
  const fs::path path = root_ / name / std::to_string(wanted) / kModelFile;
  MW_ASSIGN(std::vector<std::byte> bytes, read_whole(path, kMaxModelBytes));
  // The bytes are what was put, whatever happened to the disk since.
  if (model_hash(bytes) != described.hash) return damaged(path);
  return FetchedModel{std::move(described), std::move(bytes)};
}

Result<std::optional<ModelVersion>> DirectoryModelRegistry::live(std::string_view name) {
  const std::lock_guard lock(mutex_);
  MW_TRY(numbers(name));
  MW_ASSIGN(const Live live, read_live(name));
  if (live.version == 0) return std::optional<ModelVersion>();
  MW_ASSIGN(ModelVersion version, read_version(name, live.version, live));
  return std::optional(std::move(version));
}

Result<ModelVersion> DirectoryModelRegistry::put(std::string_view name, std::optional<int> version,
                                                 std::span<const std::byte> bytes,
                                                 const nlohmann::json& card) {
  const std::lock_guard lock(mutex_);
  MW_TRY(check_new_model(name, version, bytes, card));
  const std::vector<int> existing = numbers(name).value_or({});
  const int number = version.value_or(existing.empty() ? 1 : existing.back() + 1);
  const std::string hash = model_hash(bytes);
  MW_ASSIGN(const Live live, read_live(name));
  if (std::find(existing.begin(), existing.end(), number) != existing.end()) {
    MW_ASSIGN(ModelVersion stored, read_version(name, number, live));
    if (stored.hash == hash) return stored;
    return already_exists("model " + quote(name) + " has a version " + std::to_string(number) +
                          " with other bytes: versions never change; leave the number out");
  }
  const fs::path final_folder = root_ / name / std::to_string(number);
  const fs::path filling = root_ / name / (".filling-" + std::to_string(number));
  std::error_code error;
  fs::remove_all(filling, error);
  fs::remove_all(final_folder, error);  // what a crash left: it has no card
  fs::create_directories(filling, error);
  if (error) {
    return unavailable("the model registry's folder cannot be written", error.message());
  }
  const nlohmann::json described = {{"hash", hash},
                                    {"size_bytes", bytes.size()},
                                    {"created", format_utc(clock_.now())},
                                    {"card", card}};
  MW_TRY(write_durably(filling / kModelFile, bytes));
  MW_TRY(write_durably(filling / kCardFile, bytes_of(described.dump(2) + "\n")));
  MW_TRY(rename_durably(filling, final_folder));
  return read_version(name, number, live);
}

Result<ModelVersion> DirectoryModelRegistry::promote(std::string_view name, int version) {
  const std::lock_guard lock(mutex_);
  MW_ASSIGN(const std::vector<int> existing, numbers(name));
  if (std::find(existing.begin(), existing.end(), version) == existing.end()) {
    return no_version(name, version);
  }
  MW_ASSIGN(Live live, read_live(name));
  if (live.version != version) {
    if (live.version != 0) live.before.push_back(live.version);
    live.version = version;
    MW_TRY(write_live(name, live));
  }
  return read_version(name, version, live);
}

Result<ModelVersion> DirectoryModelRegistry::rollback(std::string_view name) {
  const std::lock_guard lock(mutex_);
  MW_TRY(numbers(name));
  MW_ASSIGN(Live live, read_live(name));
  if (live.before.empty()) {
    return failed_precondition("model " + quote(name) +
                               " had no other live version before: promote one by its number");
  }
  live.version = live.before.back();
  live.before.pop_back();
  MW_TRY(write_live(name, live));
  return read_version(name, live.version, live);
}

}  // namespace millwright
