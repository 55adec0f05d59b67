#pragma once

#include <cstdlib>
#include <fstream>
#include <string>

#include "base/assert.h"
#include "tests/support/temp_dir.h"

namespace specd::test {

/// A certificate that signs itself, and its key, as people make one: by the openssl tool.
class Certificate {
 public:
  /// `names`: "DNS:localhost,IP:127.0.0.1"; `days`: how long it holds; negative: no longer.
  explicit Certificate(const std::string& names, int days = 1) {
    request(names);
    sign("-signkey " + key() + " -days " + std::to_string(days));
  }
  /// One that another has signed.
  Certificate(const std::string& names, const Certificate& issuer) {
    request(names);
    sign("-CA " + issuer.file() + " -CAkey " + issuer.key() + " -set_serial 2 -days 1");
  }
  [[nodiscard]] std::string file() const { return folder_.file("certificate.pem"); }
  [[nodiscard]] std::string key() const { return folder_.file("key.pem"); }
  /// The same key, behind a passphrase.
  [[nodiscard]] std::string locked_key() const {
    run("pkey -in " + key() + " -aes256 -passout pass:secret -out " + folder_.file("locked.pem"));
    return folder_.file("locked.pem");
  }

 private:
  void request(const std::string& names) const {
    std::ofstream(folder_.file("names")) << "subjectAltName=" << names << "\n";
    run("req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout " + key() +
        " -out " + folder_.file("request") + " -subj /CN=specd-test");
  }
  void sign(const std::string& how) const {
    run("x509 -req -in " + folder_.file("request") + " -extfile " + folder_.file("names") +
        " -out " + file() + " " + how);
  }
  static void run(const std::string& command) {
    SPECD_ASSERT(std::system(("openssl " + command + " 2>/dev/null").c_str()) == 0);
  }

  const TempDir folder_;
};

}  // namespace specd::test
