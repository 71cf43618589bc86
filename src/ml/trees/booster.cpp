#include "ml/trees/booster.h"

#include <xgboost/c_api.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace millwright::ml {
namespace {

Error library_error(std::string_view doing) {
  return internal_error("the tree library failed while " + std::string(doing) +
                            ": see the log, and report it if it happens again",
                        XGBGetLastError());
}

class Matrix {
 public:
  Matrix() = default;
  Matrix(const Matrix&) = delete;
  Matrix& operator=(const Matrix&) = delete;
  ~Matrix() {
    if (handle_ != nullptr) XGDMatrixFree(handle_);
  }
  Result<> fill(std::span<const float> rows, std::size_t columns) {
    if (XGDMatrixCreateFromMat(rows.data(), rows.size() / columns, columns,
                               std::numeric_limits<float>::quiet_NaN(), &handle_) != 0) {
      return library_error("reading rows");
    }
    return {};
  }
  /// `name`: "label" or "weight".
  Result<> set(const char* name, std::span<const float> values) {
    if (XGDMatrixSetFloatInfo(handle_, name, values.data(), values.size()) != 0) {
      return library_error(std::string("reading the rows' ") + name);
    }
    return {};
  }
  DMatrixHandle get() const { return handle_; }

 private:
  DMatrixHandle handle_ = nullptr;
};

constexpr std::size_t kVersionBytes = 4;

/// The library's version as bytes before its own: it reads newer models without complaint and
/// predicts wrongly, so we must notice.
std::array<std::byte, kVersionBytes> library_version() {
  int major = 0;
  int minor = 0;
  int patch = 0;
  XGBoostVersion(&major, &minor, &patch);
  return {static_cast<std::byte>(major), static_cast<std::byte>(minor),
          static_cast<std::byte>(patch), std::byte{0}};
}

}  // namespace

struct Booster::Handle {
  BoosterHandle handle = nullptr;
  Handle() = default;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (handle != nullptr) XGBoosterFree(handle);
  }
  bool set(const char* name, const std::string& value) {
    return XGBoosterSetParam(handle, name, value.c_str()) == 0;
  }
};

Booster::Booster(std::unique_ptr<Handle> handle, std::size_t columns, std::size_t outputs)
    : handle_(std::move(handle)), columns_(columns), outputs_(outputs) {}
Booster::Booster(Booster&&) noexcept = default;
Booster& Booster::operator=(Booster&&) noexcept = default;
Booster::~Booster() = default;

Result<Booster> Booster::train(std::span<const float> rows, std::size_t columns,
                               std::span<const float> labels, const TreeParameters& p,
                               std::span<const float> weights) {
  if (columns == 0 || labels.empty() || rows.size() != labels.size() * columns) {
    return invalid_argument("training needs at least one row and one label a row, got " +
                            std::to_string(labels.size()) + " labels for " +
                            std::to_string(rows.size()) + " values of " + std::to_string(columns) +
                            " features");
  }
  if (!weights.empty() && weights.size() != labels.size()) {
    return invalid_argument("training got " + std::to_string(weights.size()) + " weights for " +
                            std::to_string(labels.size()) + " rows: give one a row, or none");
  }
  Matrix matrix;
  MW_TRY(matrix.fill(rows, columns));
  MW_TRY(matrix.set("label", labels));
  if (!weights.empty()) MW_TRY(matrix.set("weight", weights));
  auto handle = std::make_unique<Handle>();
  const DMatrixHandle matrices[] = {matrix.get()};
  if (XGBoosterCreate(matrices, 1, &handle->handle) != 0) return library_error("starting");
  bool set = handle->set("nthread", "1") && handle->set("verbosity", "0") &&
             handle->set("seed", std::to_string(p.seed)) && handle->set("tree_method", "hist") &&
             handle->set("max_bin", std::to_string(p.bins)) &&
             handle->set("max_depth", std::to_string(p.depth)) &&
             handle->set("eta", std::to_string(p.eta)) &&
             handle->set("subsample", std::to_string(p.subsample)) &&
             handle->set("colsample_bytree", std::to_string(p.column_share)) &&
             handle->set("min_child_weight", std::to_string(p.min_child_weight)) &&
             handle->set("lambda", std::to_string(p.lambda));
  if (p.classes >= 2) {
    set = set && handle->set("objective", "multi:softprob") &&
          handle->set("num_class", std::to_string(p.classes));
  } else {
    set = set && handle->set("objective", "reg:squarederror");
  }
  if (!set) return library_error("setting parameters");
  for (int round = 0; round < p.rounds; ++round) {
    if (XGBoosterUpdateOneIter(handle->handle, round, matrix.get()) != 0) {
      return library_error("training");
    }
  }
  const std::size_t outputs = p.classes >= 2 ? static_cast<std::size_t>(p.classes) : 1;
  return Booster(std::move(handle), columns, outputs);
}

Result<std::vector<std::byte>> Booster::save() const {
  bst_ulong size = 0;
  const char* data = nullptr;
  // JSON, not the shorter UBJSON: the library's UBJSON reader runs past the end of a cut buffer.
  if (XGBoosterSaveModelToBuffer(handle_->handle, R"({"format":"json"})", &size, &data) != 0) {
    return library_error("saving a model");
  }
  const auto version = library_version();
  std::vector<std::byte> out(version.begin(), version.end());
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  out.insert(out.end(), bytes, bytes + size);
  return out;
}

Result<Booster> Booster::load(std::span<const std::byte> bytes, std::size_t columns,
                              std::size_t outputs) {
  if (bytes.size() <= kVersionBytes) {
    return invalid_argument("model has no trees in it: train it again");
  }
  const auto version = library_version();
  if (std::lexicographical_compare(version.begin(), version.begin() + 2, bytes.begin(),
                                   bytes.begin() + 2)) {
    return invalid_argument("model was written by a newer tree library (" +
                            std::to_string(std::to_integer<int>(bytes[0])) + "." +
                            std::to_string(std::to_integer<int>(bytes[1])) +
                            ") which this one would misread: train it again with this program");
  }
  const auto body = bytes.subspan(kVersionBytes);
  return from_json({reinterpret_cast<const char*>(body.data()), body.size()}, columns, outputs);
}

Result<Booster> Booster::from_json(std::string_view json, std::size_t columns,
                                   std::size_t outputs) {
  // The library guesses the format by the first bytes; only JSON may reach it.
  if (!json.starts_with("{\"")) {
    return invalid_argument("model's trees are not in JSON: train it again with this program");
  }
  auto handle = std::make_unique<Handle>();
  if (XGBoosterCreate(nullptr, 0, &handle->handle) != 0) return library_error("starting");
  if (XGBoosterLoadModelFromBuffer(handle->handle, json.data(), json.size()) != 0) {
    return Error{ErrorCode::kInvalidArgument,
                 "model's trees cannot be read: train it again with this program",
                 XGBGetLastError()};
  }
  handle->set("nthread", "1");
  bst_ulong features = 0;
  if (XGBoosterGetNumFeature(handle->handle, &features) != 0 || features != columns) {
    return invalid_argument("model takes " + std::to_string(features) + " features, expected " +
                            std::to_string(columns) + ": train it again with this program");
  }
  Booster booster(std::move(handle), columns, outputs);
  // A probe finds a wrong number of outputs and weights that are not finite.
  const std::vector<float> probe(columns, 0.0F);
  MW_ASSIGN(const std::vector<float> result, booster.scores(probe));
  for (const float value : result) {
    if (!std::isfinite(value)) return invalid_argument("model predicts values that are not finite");
  }
  return booster;
}

Result<std::vector<float>> Booster::predict(std::span<const float> rows, int type) const {
  if (rows.empty() || rows.size() % columns_ != 0) {
    return invalid_argument("prediction needs rows of " + std::to_string(columns_) +
                            " features, got " + std::to_string(rows.size()) + " values");
  }
  Matrix matrix;
  MW_TRY(matrix.fill(rows, columns_));
  const std::string config = R"({"type":)" + std::to_string(type) +
                             R"(,"training":false,"iteration_begin":0,"iteration_end":0,)"
                             R"("strict_shape":true})";
  bst_ulong const* shape = nullptr;
  bst_ulong dimensions = 0;
  float const* data = nullptr;
  if (XGBoosterPredictFromDMatrix(handle_->handle, matrix.get(), config.c_str(), &shape,
                                  &dimensions, &data) != 0) {
    return library_error("predicting");
  }
  if (dimensions < 2 || shape[1] != outputs_) {
    return invalid_argument("model has " + std::to_string(dimensions < 2 ? 0 : shape[1]) +
                            " outputs, expected " + std::to_string(outputs_) +
                            ": train it again with this program");
  }
  std::size_t size = 1;
  for (bst_ulong i = 0; i < dimensions; ++i) size *= shape[i];
  return std::vector<float>(data, data + size);
}

Result<std::vector<float>> Booster::scores(std::span<const float> rows) const {
  constexpr int kMargin = 1;
  return predict(rows, kMargin);
}

Result<std::vector<float>> Booster::contributions(std::span<const float> row) const {
  constexpr int kContributions = 2;
  if (row.size() != columns_) {
    return invalid_argument("contributions are of one row of " + std::to_string(columns_) +
                            " features, got " + std::to_string(row.size()));
  }
  return predict(row, kContributions);
}

}  // namespace millwright::ml
