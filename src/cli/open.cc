#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "cli/browser.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "daemon/admin/program.h"
#include "daemon/places.h"

namespace specd::cli {
namespace {

// A program that cannot show anything mostly says so by then.
constexpr std::chrono::milliseconds kPatience{1'000};

std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody calls setenv
  return value == nullptr ? "" : value;
}

// It goes to a terminal and into a page.
bool is_harmless(const std::string& url) {
  return url.starts_with("http") && std::ranges::all_of(url, [](char c) {
           return c > ' ' && c < '\x7f' && std::string_view("\"'<>").find(c) == std::string::npos;
         });
}

// What this system has for it; empty where there is no screen.
std::string opener() {
#ifdef __APPLE__
  return "open";
#else
  const bool has_screen = !variable("DISPLAY").empty() || !variable("WAYLAND_DISPLAY").empty();
  return has_screen ? "xdg-open" : "";
#endif
}

// The link itself would stand in the browser's command line, where every user of this machine can
// read it; so it goes by way of a page that only this one can.
Result<std::string> page_that_leads_to(const std::string& url) {
  const auto places = daemon::default_places();
  if (!places) return tl::unexpected(places.error());
  if (auto made = daemon::make_runtime_folder(*places); !made) return tl::unexpected(made.error());
  std::string path = places->runtime + "/open.html";
  const std::string page =
      "<!doctype html>\n<meta charset=\"utf-8\">\n<title>specd</title>\n"
      "<meta http-equiv=\"refresh\" content=\"0; url=" +
      url + "\">\n<p><a href=\"" + url + "\">Open specd</a></p>\n";
  if (auto written = daemon::write_text_file(path, page); !written)
    return tl::unexpected(written.error());
  return path;
}

// Whether something was started that will show it.
Result<bool> show(const std::string& url) {
  const std::string browser = variable("BROWSER"), program = opener();
  if (browser.empty() && program.empty()) return false;
  const auto page = page_that_leads_to(url);
  if (!page) return tl::unexpected(page.error());
  const std::string address = "file://" + *page;
  std::vector<std::vector<std::string>> commands = browser_commands(browser, address);
  if (!program.empty()) commands.push_back({program, address});
  return std::ranges::any_of(commands, [](const auto& command) {
    return admin::start_program(command, kPatience).has_value();
  });
}

int sign_out(const AskArgs& ask) {
  if (auto done = del(ask, "/api/v1/sessions"); !done) return give_up(done.error());
  print(ask.json ? "{}\n" : "All browsers are signed out.\n");
  return 0;
}

}  // namespace

int open_browser(const AskArgs& ask, const OpenArgs& args) {
  if (args.sign_out) return sign_out(ask);
  const auto answer = post(ask, "/api/v1/links", "{}");
  if (!answer) return give_up(answer.error());
  const std::string url = text_of(answer->value, "url");
  if (!is_harmless(url)) return give_up({Code::invalid, "the daemon's answer is no address"});
  if (ask.json) {  // an order to print it, wherever that goes
    print(answer->text + "\n");
    return 0;
  }
  const auto shown = args.no_browser ? Result<bool>(false) : show(url);
  if (!shown) return give_up(shown.error());
  // Whoever reads it is let in: it goes into no file and no log.
  if (isatty(STDOUT_FILENO) == 1) {
    print(url + "\nsigns one browser in, once, within five minutes.\n");
  } else if (!*shown) {
    return give_up({Code::refused,
                    args.no_browser
                        ? "the link is printed to a terminal only"
                        : "no browser could be started here, and the link is printed to a terminal "
                          "only; set BROWSER, or type `specd open` in a terminal"});
  } else {
    print("A browser was started.\n");
  }
  return 0;
}

}  // namespace specd::cli
