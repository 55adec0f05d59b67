#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <utility>

namespace specd::net {
namespace {

struct Deleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};
using Context = std::unique_ptr<SSL_CTX, Deleter>;
using Names = std::unique_ptr<GENERAL_NAMES, Deleter>;

/// What OpenSSL has to say of the last failure: the first of its errors, which is the cause.
Failure failure(const std::string& file) {
  const unsigned long first = ERR_peek_error();
  const char* reason = ERR_reason_error_string(first);
  const std::string why = reason != nullptr ? reason : "it cannot be used";
  // Errors of the system come without a reason of OpenSSL's own.
  const bool is_system = ERR_SYSTEM_ERROR(first);
  const int os = is_system ? ERR_GET_REASON(first) : 0;
  ERR_clear_error();
  if (is_system) return fail_os(file, os);
  return fail(Code::invalid, file + ": " + why);
}

/// Nobody is there to type one. `was_asked`: a bool, for whether one is wanted.
int no_passphrase(char* /*to*/, int /*most*/, int /*use*/, void* was_asked) {
  *static_cast<bool*>(was_asked) = true;
  return -1;
}

/// Of a key that OpenSSL has not taken.
Failure key_failure(const TlsFiles& files) {
  if (ERR_GET_LIB(ERR_peek_error()) != ERR_LIB_X509) return failure(files.key);
  ERR_clear_error();
  return fail(Code::invalid, files.key + ": is not the key of " + files.certificate);
}

Context new_context() {
  Context context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

}  // namespace

struct TlsIdentity::Impl {
  Context context;
  [[nodiscard]] X509* certificate() const { return SSL_CTX_get0_certificate(context.get()); }
};

TlsIdentity::TlsIdentity(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsIdentity::~TlsIdentity() = default;

Result<std::shared_ptr<const TlsIdentity>> TlsIdentity::load(const TlsFiles& files) {
  auto impl = std::make_unique<Impl>(Impl{new_context()});
  SSL_CTX* context = impl->context.get();
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
    return failure(files.certificate);
  }
  bool was_asked = false;
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  SSL_CTX_set_default_passwd_cb_userdata(context, &was_asked);
  const int taken = SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  if (was_asked) {
    ERR_clear_error();
    return fail(Code::invalid, files.key + ": is protected by a passphrase, which nobody types");
  }
  if (taken != 1) return key_failure(files);
  return std::shared_ptr<const TlsIdentity>(new TlsIdentity(std::move(impl)));
}

bool TlsIdentity::covers(const std::string& name) const {
  X509* certificate = impl_->certificate();
  return X509_check_ip_asc(certificate, name.c_str(), 0) == 1 ||
         X509_check_host(certificate, name.c_str(), name.size(), 0, nullptr) == 1;
}

std::string TlsIdentity::a_name() const {
  const Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(impl_->certificate(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS) continue;
    const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
    const std::string found(text, static_cast<size_t>(ASN1_STRING_length(name->d.dNSName)));
    if (!found.starts_with('*') && covers(found)) return found;
  }
  return {};
}

bool TlsIdentity::holds_at(WallTime time) const {
  auto now = std::chrono::system_clock::to_time_t(
      std::chrono::time_point_cast<std::chrono::system_clock::duration>(time));
  return X509_cmp_time(X509_get0_notBefore(impl_->certificate()), &now) < 0 &&
         X509_cmp_time(X509_get0_notAfter(impl_->certificate()), &now) > 0;
}

ssl_ctx_st* TlsIdentity::context() const {
  return impl_->context.get();
}

}  // namespace specd::net
