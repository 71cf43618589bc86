#include "ml/model_file/bounded_json.h"

namespace millwright::ml {
namespace {

using nlohmann::json;

/// Counts what the reader meets; answers false, which stops it, at the first limit.
class Counter final : public nlohmann::json_sax<json> {
 public:
  explicit Counter(const JsonLimits& limits) : limits_(limits) {}

  bool null() override { return count(); }
  bool boolean(bool) override { return count(); }
  bool number_integer(number_integer_t) override { return count(); }
  bool number_unsigned(number_unsigned_t) override { return count(); }
  bool number_float(number_float_t, const string_t&) override { return count(); }
  bool string(string_t&) override { return count(); }
  bool binary(binary_t&) override { return count(); }
  bool key(string_t&) override { return count(); }
  bool start_object(std::size_t) override { return enter(); }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_array() override { return leave(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

  /// Why it stopped; empty where the text itself is wrong.
  const std::string& reason() const { return reason_; }

 private:
  bool count() {
    if (++values_ <= limits_.values) return true;
    reason_ = "has more than " + std::to_string(limits_.values) + " values";
    return false;
  }
  bool enter() {
    if (++depth_ <= limits_.depth) return count();
    reason_ = "is nested deeper than " + std::to_string(limits_.depth);
    return false;
  }
  bool leave() {
    --depth_;
    return true;
  }

  const JsonLimits& limits_;
  std::size_t values_ = 0;
  std::size_t depth_ = 0;
  std::string reason_;
};

}  // namespace

Result<json> read_bounded_json(std::span<const std::byte> bytes, JsonForm form,
                               const JsonLimits& limits) {
  const bool is_text = form == JsonForm::kText;
  const std::string words = is_text ? "JSON" : "UBJSON";
  if (bytes.size() > limits.bytes) {
    return invalid_argument(words + " of " + std::to_string(bytes.size()) +
                            " bytes is longer than " + std::to_string(limits.bytes));
  }
  const auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const auto* last = first + bytes.size();
  Counter counter(limits);
  const auto input = is_text ? json::input_format_t::json : json::input_format_t::ubjson;
  if (!json::sax_parse(first, last, &counter, input)) {
    return invalid_argument(counter.reason().empty() ? "bytes are damaged or no " + words
                                                     : words + " " + counter.reason());
  }
  json document = is_text ? json::parse(first, last, nullptr, false)
                          : json::from_ubjson(first, last, true, false);
  if (document.is_discarded()) return invalid_argument("bytes are damaged or no " + words);
  return document;
}

}  // namespace millwright::ml
