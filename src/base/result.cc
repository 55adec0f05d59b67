#include "base/result.h"

#include <cerrno>
#include <system_error>

namespace specd {
namespace {

Code code_of(int os) {
  switch (os) {
    case ENOENT:
    case ENOTDIR:
      return Code::not_found;
    case EAGAIN:
    case EBUSY:
    case EINTR:
    case ETXTBSY:
      return Code::busy;
    case EINVAL:
    case ENAMETOOLONG:
    case EILSEQ:
      return Code::invalid;
    case EEXIST:
    case ENOTEMPTY:
      return Code::conflict;
    case ELOOP:
    case EXDEV:
    case EROFS:
      return Code::refused;
    default:
      return Code::io;
  }
}

}  // namespace

Failure fail_os(std::string_view what, int os) {
  return fail(code_of(os), std::string(what) + ": " + std::generic_category().message(os), os);
}

std::string_view to_string(Code code) {
  switch (code) {
    case Code::invalid:
      return "invalid";
    case Code::not_found:
      return "not_found";
    case Code::gone:
      return "gone";
    case Code::conflict:
      return "conflict";
    case Code::busy:
      return "busy";
    case Code::refused:
      return "refused";
    case Code::io:
      return "io";
  }
  return "io";
}

}  // namespace specd
