// SPDX-License-Identifier: Apache-2.0
#include "diagnose/codes/haproxy_state.h"

#include <array>
#include <span>

namespace gg {
namespace {

struct Letter {
  char letter;
  std::string_view words;
};

constexpr Letter ends[] = {
    {'-', "normal end"},
    {'C', "the client broke the connection"},
    {'c', "the client's timeout expired"},
    {'S', "the server broke or refused the connection"},
    {'s', "the server's timeout expired"},
    {'P', "HAProxy ended it: a rule, a limit or an invalid message"},
    {'L', "HAProxy answered by itself"},
    {'R', "a resource of HAProxy was used up"},
    {'I', "an internal error of HAProxy"},
    {'D', "the server was found down"},
    {'U', "a main server came back"},
    {'K', "an administrator ended it"},
};

constexpr Letter phases[] = {
    {'-', "after the end of the transfer"},
    {'R', "while the request was awaited"},
    {'Q', "in the queue"},
    {'C', "while connecting to the server"},
    {'H', "while the response head was awaited"},
    {'D', "during the transfer of data"},
    {'L', "during the last data to the client"},
    {'T', "while the request was tarpitted"},
};

constexpr Letter cookies_in[] = {
    {'-', ""},
    {'N', "the client sent no session cookie"},
    {'I', "the client's cookie names no server"},
    {'D', "the client's cookie names a server that is down"},
    {'V', "the client's cookie was valid"},
    {'E', "the client's cookie had expired"},
    {'O', "the client's cookie was too old"},
    {'U', "the cookie was not used"},
};

constexpr Letter cookies_out[] = {
    {'-', ""},
    {'N', "the server set no cookie"},
    {'I', "a cookie was inserted"},
    {'U', "the cookie's date was updated"},
    {'P', "the server's own cookie was passed"},
    {'R', "the server's cookie was rewritten"},
    {'D', "the server's cookie was deleted"},
};

constexpr std::array<std::span<const Letter>, 4> alphabets = {ends, phases, cookies_in,
                                                              cookies_out};

const Letter* find(std::span<const Letter> alphabet, char wanted) {
  for (const Letter& letter : alphabet) {
    if (letter.letter == wanted) return &letter;
  }
  return nullptr;
}

}  // namespace

std::optional<HaproxyState> parse_haproxy_state(std::string_view text) {
  if (text.size() != 2 && text.size() != 4) return std::nullopt;
  HaproxyState state{.text = {'-', '-', '-', '-'}, .has_cookie_letters = text.size() == 4};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (find(alphabets[i], text[i]) == nullptr) return std::nullopt;
    state.text[i] = text[i];
  }
  return state;
}

std::string haproxy_state_meaning(const HaproxyState& state) {
  std::string out;
  for (std::size_t i = 0; i < alphabets.size(); ++i) {
    bool is_plain_end = i == 1 && state.text[0] == '-' && state.text[1] == '-';
    const Letter* letter = find(alphabets[i], state.text[i]);
    if (letter == nullptr || letter->words.empty() || is_plain_end) continue;
    if (!out.empty()) out += i == 1 ? " " : "; ";
    out += letter->words;
  }
  if (!out.empty() && out.front() >= 'a') out.front() = static_cast<char>(out.front() - 32);
  return out + ".";
}

}  // namespace gg
