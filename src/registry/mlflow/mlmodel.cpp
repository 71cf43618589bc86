#include "registry/mlflow/mlmodel.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <set>
#include <sstream>

#include "base/text.h"
#include "ml/model_file/bounded_json.h"

namespace millwright {
namespace {

constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMaxNodes = 100'000;

Error refused(std::string what) { return invalid_argument("its file MLmodel " + std::move(what)); }

/// Walks the text before anything is built from it; throws at a limit.
class Guard final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { count(mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw YAML::Exception(mark, "has an alias, which may stand for more than it seems");
  }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                const std::string&) override {
    count(mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    enter(mark);
  }
  void OnSequenceEnd() override { --depth_; }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    enter(mark);
  }
  void OnMapEnd() override { --depth_; }

 private:
  void count(const YAML::Mark& mark) {
    if (++nodes_ > kMaxNodes) throw YAML::Exception(mark, "has too many entries");
  }
  void enter(const YAML::Mark& mark) {
    count(mark);
    if (++depth_ > kMaxDepth) throw YAML::Exception(mark, "is nested too deep");
  }
  std::size_t nodes_ = 0;
  std::size_t depth_ = 0;
};

std::string text_at(const YAML::Node& map, const char* key) {
  const YAML::Node node = map[key];
  return node && node.IsScalar() ? node.as<std::string>() : std::string();
}

/// What to do instead, by the flavours that it has.
Error wrong_flavour(const YAML::Node& flavours) {
  std::string names;
  for (const auto& flavour : flavours) {
    names += (names.empty() ? "" : ", ") + quote(flavour.first.as<std::string>());
  }
  const bool is_code = flavours["sklearn"] || (flavours.size() == 1 && flavours["python_function"]);
  return refused("names the flavours " + names +
                 (is_code ? ": a pickle, that is code, and is" : ": is") +
                 " never run; train it with XGBoost and log it with "
                 "mlflow.xgboost.log_model(model, model_format='ubj', signature=...)");
}

/// A plain name: nothing that could lead out of the model's own folder.
bool is_file_name(std::string_view name) {
  return !name.empty() && name.size() <= 128 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-' || c == '.';
         });
}

Result<> read_flavour(const YAML::Node& root, Mlmodel& model) {
  const YAML::Node flavours = root["flavors"];
  if (!flavours || !flavours.IsMap()) return refused("names no flavours: log the model again");
  const YAML::Node flavour = flavours["xgboost"];
  if (!flavour || !flavour.IsMap()) return wrong_flavour(flavours);
  model.file = text_at(flavour, "data");
  if (!is_file_name(model.file)) {
    return refused("names the file " + quote(model.file) +
                   ", which is no plain name beside it: log the model again");
  }
  const std::string form = text_at(flavour, "model_format");
  if (form == "pkl" || model.file.ends_with(".pkl") || model.file.ends_with(".pickle")) {
    return refused("names a pickle, that is code and never run: log it with model_format='ubj'");
  }
  model.is_sklearn_interface = text_at(flavour, "model_class").starts_with("xgboost.sklearn.");
  return {};
}

Result<> read_signature(const YAML::Node& root, Mlmodel& model) {
  const YAML::Node signature = root["signature"];
  if (!signature || !signature.IsMap()) return {};
  const std::string text = text_at(signature, "inputs");
  if (text.empty()) return {};
  MW_ASSIGN(const auto inputs,
            ml::read_bounded_json(std::as_bytes(std::span(text)), ml::JsonForm::kText,
                                  {.bytes = kMaxMlmodelBytes, .depth = 16, .values = kMaxNodes}));
  const std::set<std::string> numbers{"double", "float", "integer", "long", "boolean"};
  for (const auto& input : inputs) {
    const auto text_of = [&](const char* key) {
      return input.is_object() && input.contains(key) && input[key].is_string()
                 ? input[key].get<std::string>()
                 : std::string();
    };
    const std::string type = text_of("type");
    if (type == "tensor") return {};  // no names; the booster may have them
    if (!numbers.contains(type)) {
      return refused("has a signature with an input " + quote(text_of("name")) + " of type " +
                     quote(type) + ": metrics are numbers, use double");
    }
    if (text_of("name").empty()) return {};
    model.columns.push_back(text_of("name"));
  }
  return {};
}

Result<> read_metadata(const YAML::Node& root, Mlmodel& model) {
  const YAML::Node metadata = root["metadata"];
  if (!metadata || !metadata.IsMap()) return {};
  if (const YAML::Node window = metadata["window_size"]) {
    const int size = window.IsScalar() ? window.as<int>(0) : 0;
    if (size < 1) return refused("has a metadata window_size that is no number from 1 on");
    model.window_size = static_cast<std::size_t>(size);
  }
  if (const YAML::Node classes = metadata["classes"]) {
    if (!classes.IsSequence()) return refused("has metadata classes that are no list of names");
    for (const auto& name : classes) {
      if (!name.IsScalar()) return refused("has metadata classes that are no list of names");
      model.classes.push_back(name.as<std::string>());
    }
  }
  return {};
}

}  // namespace

Result<Mlmodel> read_mlmodel(std::string_view yaml) {
  if (yaml.size() > kMaxMlmodelBytes) return refused("is longer than a mebibyte");
  if (!is_utf8(yaml)) return refused("is no UTF-8 text");
  const std::string text(yaml);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    Guard guard;
    parser.HandleNextDocument(guard);
    const YAML::Node root = YAML::Load(text);
    if (!root.IsMap()) return refused("is no YAML map");
    Mlmodel model;
    MW_TRY(read_flavour(root, model));
    MW_TRY(read_signature(root, model));
    MW_TRY(read_metadata(root, model));
    return model;
  } catch (const YAML::Exception& error) {
    return refused("cannot be read: " + quote(error.msg) + " in line " +
                   std::to_string(error.mark.line + 1));
  }
}

}  // namespace millwright
