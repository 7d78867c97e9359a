#include "report/error_file.hpp"

#include "util/fd.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vector>

namespace kiln::report {
namespace {

using nlohmann::json;

constexpr std::string_view k_line_begin = "kiln-error ";
constexpr off_t k_longest = off_t{256} * 1024;

util::ExitCode code_from(int number) {
    constexpr int k_last = static_cast<int>(util::ExitCode::partial);
    return number > 0 && number <= k_last ? static_cast<util::ExitCode>(number)
                                          : util::ExitCode::failed;
}

} // namespace

std::string to_json(const util::ErrorInfo& error) {
    const json object = {{"what", error.what},
                         {"hint", error.hint},
                         {"code", static_cast<int>(error.code)},
                         {"where", error.where},
                         {"log", error.log},
                         {"excerpt", error.excerpt}};
    return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<util::ErrorInfo> error_from_json(const std::string& line) {
    try {
        const json object = json::parse(line);
        return util::ErrorInfo{.what = object.at("what").get<std::string>(),
                               .hint = object.at("hint").get<std::string>(),
                               .code = code_from(object.at("code").get<int>()),
                               .where = object.at("where").get<std::vector<std::string>>(),
                               .log = object.at("log").get<std::string>(),
                               .excerpt = object.at("excerpt").get<std::vector<std::string>>()};
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

std::string error_line(const util::ErrorInfo& error) {
    return std::string(k_line_begin) + to_json(error);
}

std::optional<util::ErrorInfo> error_of_line(std::string_view line) {
    if (line.substr(0, k_line_begin.size()) != k_line_begin) {
        return std::nullopt;
    }
    return error_from_json(std::string(line.substr(k_line_begin.size())));
}

void write_error_file(const std::string& path, const util::ErrorInfo& error) noexcept {
    try {
        ::unlink(path.c_str());
        const util::Fd fd = util::open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
        util::write_all(fd.get(), to_json(error) + "\n", path);
    } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): see the contract
    }
}

std::optional<util::ErrorInfo> read_error_file(const std::string& path) {
    const util::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat info = {};
    if (!fd.valid() || ::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode) ||
        info.st_size > k_longest) {
        return std::nullopt;
    }
    return error_from_json(util::read_all(fd.get(), path));
}

} // namespace kiln::report
