// SPDX-License-Identifier: Apache-2.0
// A named group of endpoints as one worker sees it: who may take the next attempt, and how much
// retrying is still allowed.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "upstream/admission/admission.h"
#include "upstream/balance/balancer.h"
#include "upstream/balance/choice_key.h"
#include "upstream/balance/levels.h"
#include "upstream/endpoint.h"
#include "upstream/pool_trouble.h"
#include "upstream/response_times.h"
#include "upstream/retry_budget.h"

namespace gg {

/// Which endpoints of an upstream an exchange has been to.
class Tried {
 public:
  static constexpr std::size_t most = 16;

  void add(std::size_t index) {
    if (count_ < most) indexes_[count_++] = static_cast<std::uint32_t>(index);
  }
  bool has(std::size_t index) const {
    for (std::size_t i = 0; i < count_; ++i) {
      if (indexes_[i] == index) return true;
    }
    return false;
  }
  void forget(std::size_t index) {
    for (std::size_t i = 0; i < count_; ++i) {
      if (indexes_[i] == index) indexes_[i--] = indexes_[--count_];
    }
  }
  bool empty() const { return count_ == 0; }

 private:
  std::array<std::uint32_t, most> indexes_{};
  std::size_t count_ = 0;
};

/// The outcome of choosing: an endpoint, or why there is none.
struct Choice {
  Endpoint* endpoint = nullptr;
  std::size_t index = 0;
  bool is_named = false;         // by the client's cookie
  Fault why_none = Fault::none;  // meaningful without an endpoint
};

/// May a request be risked on an endpoint that is in doubt?
enum class Risk : std::uint8_t {
  bearable,  // it could be sent again elsewhere
  avoided,   // only if no other has found out about the endpoint for a while
};

class Upstream {
 public:
  /// `settings` and everything in `context` outlive the upstream.
  Upstream(EndpointContext context, std::uint16_t slot);

  std::string_view name() const { return settings_.name; }
  const UpstreamConfig& settings() const { return settings_; }
  /// Of Counters.
  std::uint16_t slot() const { return slot_; }

  /// An endpoint that was not tried: the one that the client's cookie names, else one of the level
  /// whose turn it is (levels.h). When none is usable any that was not tried will do (rather a
  /// doubtful one than an error).
  Choice choose(const Tried& tried, Instant now, Rng& rng, Risk risk = Risk::bearable,
                const ChoiceKey& key = {});
  bool has_untried(const Tried& tried) const;
  /// The endpoint has said that it is to be left alone for so long. As far as the others can do
  /// without it, it gets nothing for a while that anybody else can take.
  void let_rest(Endpoint& endpoint, Duration asked, Instant now);

  /// May an endpoint say that it did not process a request which it got?
  bool may_decline() const;
  /// An operator's word about one of them; the configured weight is `settings().weight`.
  void set_weight(std::size_t endpoint, std::uint32_t weight);

  // Seats (members/seats.h). Those that the configuration lists are members for ever.

  /// The seat is this endpoint's from now on, or it is already and has become another. Whoever had
  /// it is_unused(). The shared health has heard of it before.
  void seat(std::size_t index, const EndpointConfig& settings);
  /// Who has it is no member any more.
  void unseat(std::size_t index);
  /// Endpoints that are members.
  std::size_t members() const;

  RetryBudget& retry_budget() { return retry_budget_; }
  ResponseTimes& response_times() { return response_times_; }
  PoolTrouble& trouble() { return trouble_; }
  Admission& admission() { return admission_; }
  /// By their seats: those that the configuration lists, then those that were discovered, of whom
  /// some may not be members any more.
  std::span<const std::unique_ptr<Endpoint>> endpoints() const { return endpoints_; }
  /// Of one of its own.
  std::size_t index_of(const Endpoint& endpoint) const {
    std::size_t index = 0;
    while (endpoints_[index].get() != &endpoint) ++index;
    return index;
  }

 private:
  enum class Standard : std::uint8_t {
    good,     // neither ejected nor resting nor far slower than others, and has room
    usable,   // not ejected
    anybody,  // rather a doubtful one than an error
  };

  /// The arguments of choose().
  struct Question {
    const Tried& tried;
    Instant now;
    Rng& rng;
    Risk risk;
    const ChoiceKey& key;
  };

  static bool meets(Standard standard, const Endpoint& endpoint, Instant now);
  std::optional<std::size_t> named_by(const Question& question) const;
  std::optional<std::size_t> gather(Standard standard, const Question& question);
  Choice choose_by(Standard standard, const Question& question);
  Choice at(std::size_t index) const {
    return {.endpoint = endpoints_[index].get(), .index = index};
  }
  std::optional<std::size_t> due_for_trickle(std::size_t level, Instant now) const;
  void judge(Instant now);
  bool has_livelier(Endpoint& hanging, Instant now);
  void divide_into_levels();
  void rearrange();
  std::size_t keep_one_level(const Question& question);
  void thin_out(Rng& rng);
  Fault why_nobody(const Tried& tried) const;

  EndpointContext context_;
  const UpstreamConfig& settings_;
  std::uint16_t slot_;
  std::unique_ptr<Balancer> balancer_;
  RetryBudget retry_budget_;
  ResponseTimes response_times_;
  PoolTrouble trouble_;
  std::vector<std::unique_ptr<Endpoint>> endpoints_;
  std::vector<std::uint32_t> level_of_;  // by endpoint
  // Scratch, so that choosing allocates nothing.
  std::vector<Level> levels_;  // the first one is used first
  std::vector<Candidate> candidates_;
  std::vector<EndpointFigures> figures_;
  std::uint64_t chosen_ = 0;  // requests so far
  Instant next_judgement_{};
  Instant next_comparison_{};
  Admission admission_;
};

}  // namespace gg
