// Fragment names unique, known, used and free of cycles (5.5.1.1, 5.5.1.4, 5.5.2.1, 5.5.2.2).

#include <map>
#include <set>

#include "base/text.h"
#include "graphql/validation_rules.h"

namespace millwright::graphql {
namespace {

void unique_names(Validation& validation) {
  std::map<std::string_view, ast::Location> seen;
  for (const ast::Fragment& fragment : validation.document().fragments) {
    const auto [first, is_new] = seen.emplace(fragment.name, fragment.location);
    if (!is_new) {
      validation.error("There can be only one fragment named " + quote(fragment.name) + ".",
                       {first->second, fragment.location});
    }
  }
}

void known_names(Validation& validation) {
  const ast::Document& document = validation.document();
  std::vector<const ast::Selection*> spreads;
  for (const ast::Operation& operation : document.operations) {
    collect_spreads(operation.selections, spreads);
  }
  for (const ast::Fragment& fragment : document.fragments) {
    collect_spreads(fragment.selections, spreads);
  }
  for (const ast::Selection* spread : spreads) {
    if (document.fragment(spread->name) == nullptr) {
      validation.error("Fragment " + quote(spread->name) + " is not defined.", {spread->location});
    }
  }
}

void all_used(Validation& validation) {
  const ast::Document& document = validation.document();
  std::set<const ast::Fragment*> used;
  for (const ast::Operation& operation : document.operations) {
    for (const ast::Fragment* fragment : reachable_fragments(document, operation)) {
      used.insert(fragment);
    }
  }
  for (const ast::Fragment& fragment : document.fragments) {
    if (!used.contains(document.fragment(fragment.name))) {
      validation.error("Fragment " + quote(fragment.name) + " is never used.", {fragment.location});
    }
  }
}

// Depth first, each fragment finished once: a spread that leads to a fragment still open closes a
// cycle. The recursion is as deep as there are fragments, which the token limit bounds.
class Cycles {
 public:
  explicit Cycles(Validation& validation) : validation_(validation) {}

  bool find() {
    for (const ast::Fragment& fragment : validation_.document().fragments) visit(fragment);
    return found_;
  }

 private:
  void visit(const ast::Fragment& fragment) {
    if (!open_.emplace(&fragment, true).second) return;
    std::vector<const ast::Selection*> spreads;
    collect_spreads(fragment.selections, spreads);
    for (const ast::Selection* spread : spreads) {
      const ast::Fragment* next = validation_.document().fragment(spread->name);
      if (next == nullptr) continue;
      const auto state = open_.find(next);
      if (state == open_.end()) {
        visit(*next);
      } else if (state->second) {
        found_ = true;
        validation_.error("Fragment " + quote(next->name) + " leads back to itself.",
                          {spread->location});
      }
    }
    open_[&fragment] = false;
  }

  Validation& validation_;
  std::map<const ast::Fragment*, bool> open_;
  bool found_ = false;
};

}  // namespace

bool validate_fragments(Validation& validation) {
  unique_names(validation);
  known_names(validation);
  all_used(validation);
  return !Cycles(validation).find();
}

}  // namespace millwright::graphql
