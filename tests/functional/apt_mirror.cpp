#include "apt_mirror.hpp"

#include "image_tree.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>

namespace kiln::tests {

namespace fs = std::filesystem;

AptMirror::AptMirror() {
    run({"init"});
    fs::permissions(
        directory_.path(), fs::perms::others_read | fs::perms::others_exec, fs::perm_options::add);
    fs::permissions(key(), fs::perms::others_read, fs::perm_options::add);
}

void AptMirror::run(const std::vector<std::string>& words) {
    const std::string script = std::string(KILN_SOURCE_DIR) + "/tests/support/apt_repository.py";
    std::vector<std::string> argv = {"python3", script, directory_.path()};
    argv.insert(argv.end(), words.begin(), words.end());
    const Answer answer = ask(argv);
    ASSERT_EQ(answer.exit_code, 0) << util::join(argv, " ") << "\n" << answer.text;
}

void AptMirror::update(const std::string& place,
                       const std::string& package,
                       const std::string& version) {
    const std::vector<std::string> suite_and_component = util::split_words(place);
    run({"update",
         suite_and_component.at(0),
         suite_and_component.at(1),
         package,
         version,
         "--age",
         "86400"});
}

std::string AptMirror::source(const std::string& suite_and_components) const {
    return "deb [signed-by=/etc/apt/keyrings/test.gpg] " + server_.url() + " " +
           suite_and_components;
}

void AptMirror::put(const std::string& name) const {
    const util::Fd fd = util::open_file(served(name), O_WRONLY | O_CREAT);
}

} // namespace kiln::tests
