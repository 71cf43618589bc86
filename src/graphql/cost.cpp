#include "graphql/cost.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace millwright::graphql {
namespace {

// Counts stop here: far above every limit, far below an overflow.
constexpr std::size_t kPlenty = 1'000'000'000;

struct Cost {
  std::size_t fields = 0;
  std::size_t aliases = 0;
  std::size_t depth = 0;
  std::size_t introspection_fields = 0;
  std::size_t introspection_lists = 0;  // nested in each other

  // Beside each other: counts add up, the deeper one decides.
  void add(const Cost& other) {
    fields = std::min(kPlenty, fields + other.fields);
    aliases = std::min(kPlenty, aliases + other.aliases);
    depth = std::max(depth, other.depth);
    introspection_fields = std::min(kPlenty, introspection_fields + other.introspection_fields);
    introspection_lists = std::max(introspection_lists, other.introspection_lists);
  }
};

// The lists by which introspection can go round in circles.
bool is_introspection_list(std::string_view name) {
  return name == "fields" || name == "interfaces" || name == "possibleTypes" ||
         name == "inputFields";
}

class Counter {
 public:
  explicit Counter(const ast::Document& document) {
    for (const ast::Fragment& fragment : document.fragments) {
      fragments_.emplace(fragment.name, &fragment);
    }
  }

  Cost count(const std::vector<ast::Selection>& selections, bool introspection) {
    Cost total;
    for (const ast::Selection& selection : selections) {
      switch (selection.kind) {
        case ast::Selection::Kind::kField:
          total.add(field(selection, introspection));
          break;
        case ast::Selection::Kind::kInlineFragment:
          total.add(count(selection.selections, introspection));
          break;
        case ast::Selection::Kind::kFragmentSpread:
          total.add(fragment(selection.name, introspection));
          break;
      }
    }
    return total;
  }

 private:
  Cost field(const ast::Selection& selection, bool introspection) {
    const bool inside = introspection || selection.name == "__schema" || selection.name == "__type";
    Cost cost = count(selection.selections, inside);
    if (inside) {
      cost.introspection_fields = std::min(kPlenty, cost.introspection_fields + 1);
      if (is_introspection_list(selection.name)) ++cost.introspection_lists;
      return cost;
    }
    cost.fields = std::min(kPlenty, cost.fields + 1);
    if (!selection.alias.empty() && selection.alias != selection.name) ++cost.aliases;
    ++cost.depth;
    return cost;
  }

  Cost fragment(const std::string& name, bool introspection) {
    const auto found = fragments_.find(name);
    if (found == fragments_.end()) return {};
    // The empty entry made here is what a cycle meets.
    const auto [known, is_new] = counted_.try_emplace(std::pair(found->second, introspection));
    if (!is_new) return known->second;
    const Cost cost = count(found->second->selections, introspection);
    known->second = cost;
    return cost;
  }

  std::map<std::string_view, const ast::Fragment*> fragments_;
  std::map<std::pair<const ast::Fragment*, bool>, Cost> counted_;
};

}  // namespace

std::vector<ResponseError> check_cost(const ast::Document& document, const Limits& limits) {
  std::vector<ResponseError> errors;
  const auto check = [&](const std::string& what, std::size_t count, std::size_t limit,
                         ast::Location location) {
    if (count <= limit) return;
    const std::string shown = count >= kPlenty ? "far more" : std::to_string(count);
    errors.push_back({"The request has " + shown + " " + what + "; the limit is " +
                          std::to_string(limit) + ". Ask for less at once.",
                      {location},
                      {},
                      ErrorCode::kResourceExhausted});
  };
  check("operations", document.operations.size(), limits.operations, {});
  if (!errors.empty()) return errors;
  Counter counter(document);
  for (const ast::Operation& operation : document.operations) {
    const Cost cost = counter.count(operation.selections, false);
    check("levels of fields", cost.depth, limits.depth, operation.location);
    check("fields", cost.fields, limits.fields, operation.location);
    check("aliases", cost.aliases, limits.aliases, operation.location);
    check("introspection fields", cost.introspection_fields, limits.introspection_fields,
          operation.location);
    check("introspection lists inside each other", cost.introspection_lists,
          limits.introspection_lists, operation.location);
  }
  return errors;
}

}  // namespace millwright::graphql
