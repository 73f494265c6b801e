// SPDX-License-Identifier: Apache-2.0
// Every way in which TLS with an endpoint can fail.
#include "sim/provocations.h"
#include "support/tls_origin.h"

namespace gg {

namespace {

using Then = SimStub::Then;

void ask_tls(World& world, const TlsOriginWish& wish) {
  speak_tls(world, 0, wish);
  world.ask({});
}

/// The origin answers the handshake with these bytes.
void ask_stub(World& world, std::string answer, Then then) {
  world.upstream().tls = UpstreamTls{.ca = test_authority().file()};
  world.replace_by_stub(0, std::move(answer), then);
  world.ask({});
}

std::string alert(char number) { return {'\x15', '\x03', '\x03', '\0', '\x02', '\x02', number}; }

constexpr Blame upstream = Blame::upstream;
constexpr Blame operator_ = Blame::operator_;

const Provocation rows[] = {
    {Fault::tls_not_spoken, "T1", operator_, 502,
     [](World& world) { ask_stub(world, "HTTP/1.1 400 Bad Request\r\n\r\n", Then::closes); }},
    {Fault::tls_alert_received, "T2", operator_, 502,
     [](World& world) { ask_tls(world, {.protocols = {"imap"}}); }},
    {Fault::tls_untrusted_certificate, "T3", operator_, 502,
     [](World& world) {
       static TestAuthority unknown;
       ask_tls(world, {.authority = &unknown});
     }},
    {Fault::tls_certificate_expired, "T4", upstream, 502,
     [](World& world) {
       ask_tls(world, {.certificate = {.names = {"10.2.0.1"}, .until = 1'740'000'000}});
     }},
    {Fault::tls_name_mismatch, "T5", operator_, 502,
     [](World& world) { ask_tls(world, {.certificate = {.names = {"shop.example"}}}); }},
    {Fault::tls_nothing_in_common, "T6", operator_, 502,
     [](World& world) { ask_stub(world, alert(70), Then::closes); }},
    {Fault::tls_closed_in_handshake, "T7", upstream, 502,
     [](World& world) { ask_stub(world, {}, Then::closes); }},
    {Fault::tls_handshake_timeout, "T8", upstream, 504,
     [](World& world) { ask_stub(world, {}, Then::waits); }},
    {Fault::tls_client_certificate_rejected, "T10", operator_, 502,
     [](World& world) { ask_tls(world, {.client_ca = test_authority().file()}); }},
    {Fault::tls_failed, "T11", upstream, 502,
     [](World& world) {
       ask_stub(world, std::string("\x16\x03\x03\x00\x04\x63\x00\x00\x00", 9), Then::closes);
     }},
};

}  // namespace

std::span<const Provocation> tls_provocations() { return rows; }

}  // namespace gg
