#pragma once
/// A GraphQL service that answers by the query's text. For tests only.

#include <mutex>

#include "analytics/service.h"

namespace millwright::testing {

class FakeGraphql final : public GraphqlService {
 public:
  GraphqlReply execute(const Principal& principal, const GraphqlRequest& request) override {
    if (request.query == "bad") return {R"({"errors":[{"message":"no"}]})", true};
    return {nlohmann::json{{"data",
                            {{"tenant", principal.tenant->str()},
                             {"caller", principal.name},
                             {"variables", request.variables}}}}
                .dump(),
            false};
  }
  SubscribeReply subscribe(const Principal&, const GraphqlRequest& request,
                           GraphqlObserver observer) override {
    if (request.query == "subscription refused") {
      return {nullptr, R"([{"message":"unknown device"}])"};
    }
    const std::lock_guard lock(mutex);
    observers.push_back(std::move(observer));
    ++open;
    return {std::make_unique<Running>(*this), ""};
  }
  GraphqlOperation operation(const GraphqlRequest& request) const override {
    if (request.query.starts_with("subscription")) return GraphqlOperation::kSubscription;
    if (request.query.starts_with("mutation")) return GraphqlOperation::kMutation;
    return GraphqlOperation::kQuery;
  }
  std::string_view schema() const override { return "type Query { a: Int }"; }

  std::mutex mutex;  // guards observers
  std::vector<GraphqlObserver> observers;
  std::atomic<int> open{0};
  std::atomic<bool> paused{false};

 private:
  class Running final : public GraphqlSubscription {
   public:
    explicit Running(FakeGraphql& owner) : owner_(owner) {}
    ~Running() override { --owner_.open; }
    void pause(bool value) override { owner_.paused = value; }

   private:
    FakeGraphql& owner_;
  };
};

}  // namespace millwright::testing
