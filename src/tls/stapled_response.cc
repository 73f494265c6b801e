// SPDX-License-Identifier: Apache-2.0
#include "tls/stapled_response.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>

namespace gg {

namespace {

/// Responses have about a kilobyte; with a chain of certificates some more.
constexpr std::size_t size_most = std::size_t{64} << 10;

struct Free {
  void operator()(OCSP_RESPONSE* response) const { OCSP_RESPONSE_free(response); }
  void operator()(OCSP_BASICRESP* basic) const { OCSP_BASICRESP_free(basic); }
};

Result<std::string, CertificateProblem> read_file(const std::string& file) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (in.is_open() && !bytes.empty() && bytes.size() <= size_most) return bytes;
  int why = in.is_open() ? 0 : errno;
  return Failure(CertificateProblem{
      .file = file,
      .problem = why != 0 ? std::string("cannot be read: ") + std::strerror(why)
                          : "is empty, or larger than any response of OCSP",
      .remedy = "store what the responder answers: openssl ocsp -respout " + file + " …"});
}

/// The answer about that certificate, among those of the response.
OCSP_SINGLERESP* find_answer(OCSP_BASICRESP& basic, X509* certificate) {
  const ASN1_INTEGER* wanted = X509_get0_serialNumber(certificate);
  for (int i = 0; i < OCSP_resp_count(&basic); ++i) {
    OCSP_SINGLERESP* answer = OCSP_resp_get0(&basic, i);
    auto* id = const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(answer));
    ASN1_INTEGER* serial = nullptr;
    OCSP_id_get0_info(nullptr, nullptr, nullptr, &serial, id);
    if (ASN1_INTEGER_cmp(serial, wanted) == 0) return answer;
  }
  return nullptr;
}

}  // namespace

Result<StapledResponse, CertificateProblem> StapledResponse::load(const std::string& file,
                                                                  const CertificateFiles& about) {
  auto problem = [&file](std::string what) {
    return Failure(CertificateProblem{
        .file = file,
        .problem = std::move(what),
        .remedy = "ask the responder of the certificate's authority again, or take ocsp away"});
  };
  Result<std::string, CertificateProblem> bytes = read_file(file);
  if (!bytes) return Failure(bytes.error());
  const auto* der = reinterpret_cast<const unsigned char*>(bytes->data());
  std::unique_ptr<OCSP_RESPONSE, Free> response(
      d2i_OCSP_RESPONSE(nullptr, &der, static_cast<long>(bytes->size())));
  ERR_clear_error();
  if (response == nullptr) return problem("is no response of OCSP in DER form");
  int status = OCSP_response_status(response.get());
  if (status != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
    return problem(std::string("has no answer: ") + OCSP_response_status_str(status));
  }
  std::unique_ptr<OCSP_BASICRESP, Free> basic(OCSP_response_get1_basic(response.get()));
  ERR_clear_error();
  OCSP_SINGLERESP* answer = basic != nullptr ? find_answer(*basic, about.own()) : nullptr;
  if (answer == nullptr) return problem("is about another certificate");
  ASN1_GENERALIZEDTIME* next = nullptr;
  int verdict = OCSP_single_get0_status(answer, nullptr, nullptr, nullptr, &next);
  if (verdict != V_OCSP_CERTSTATUS_GOOD) {
    return problem(std::string("says of the certificate: ") + OCSP_cert_status_str(verdict));
  }
  StapledResponse loaded;
  loaded.file_ = file;
  loaded.bytes_ = std::move(*bytes);
  loaded.valid_until_.microseconds = std::numeric_limits<std::int64_t>::max();
  std::tm parts{};
  if (next != nullptr && ASN1_TIME_to_tm(next, &parts) == 1) {
    loaded.valid_until_ = {static_cast<std::int64_t>(timegm(&parts)) * 1'000'000};
  }
  return loaded;
}

std::optional<CertificateProblem> StapledResponse::problem_at(WallTime now) const {
  if (now <= valid_until_) return std::nullopt;
  return CertificateProblem{.file = file_,
                            .problem = "has expired on " + date_of(valid_until_),
                            .remedy = "fetch a new one before each expires, then: goodgate reload"};
}

}  // namespace gg
