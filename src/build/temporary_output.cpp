#include "build/temporary_output.hpp"

#include "util/fd.hpp"

#include <fcntl.h>

namespace kiln::build {

std::string new_temporary_output(const BuildContext& context, const std::filesystem::path& target) {
    // ".kiln-" in the name is what lets a sweep remove it.
    const std::string name =
        "." + target.filename().string() + ".kiln-" + context.paths.directory.filename().string();
    const std::string path = target.parent_path() / name;
    const util::Fd journal = util::open_file(Paths::k_journal, O_WRONLY | O_CREAT | O_APPEND);
    util::write_all(journal.get(), path + "\n", Paths::k_journal);
    return path;
}

} // namespace kiln::build
