#include "build/squashfs.hpp"

#include "disk/tool_failure.hpp"
#include "process/tools/mksquashfs.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <unistd.h>

#include <exception>
#include <thread>

namespace kiln::build {
namespace {

using archive::TreeSummary;

/// Writes a tree as a tar into a pipe, in a thread of its own. What goes wrong there is kept.
class TarFeed {
public:
    TarFeed(const util::RootDir& tree, std::int64_t epoch, util::Fd pipe)
        : pipe_(std::move(pipe)), thread_([this, &tree, epoch] { run(tree, epoch); }) {}

    TarFeed(const TarFeed&) = delete;
    TarFeed& operator=(const TarFeed&) = delete;
    TarFeed(TarFeed&&) = delete;
    TarFeed& operator=(TarFeed&&) = delete;

    /// The reading end must be closed by then, else a writer that nobody reads waits for ever.
    ~TarFeed() {
        if (thread_.joinable()) {
            thread_.join();
        }
    }

    /// Waits for the end; throws what the thread has met in the tree. That nobody reads any more
    /// (is_cut) is for the reader's exit code to tell.
    TreeSummary finish() {
        thread_.join();
        if (failure_ && !is_cut_) {
            std::rethrow_exception(failure_);
        }
        return summary_;
    }

    /// Whether the reader went away before the end.
    [[nodiscard]] bool is_cut() const { return is_cut_; }

private:
    void run(const util::RootDir& tree, std::int64_t epoch) noexcept {
        try {
            archive::TarWriter writer([this](std::string_view bytes) { put(bytes); });
            summary_ = archive::write_tree(
                tree, {.prefix = "", .epoch = epoch, .holes = archive::Holes::fill}, writer);
            writer.finish();
        } catch (...) {
            failure_ = std::current_exception();
        }
        pipe_.reset();
    }

    void put(std::string_view bytes) {
        is_cut_ = true;
        util::write_all(pipe_.get(), bytes, "the pipe to mksquashfs");
        is_cut_ = false;
    }

    util::Fd pipe_;
    bool is_cut_ = false;
    TreeSummary summary_;
    std::exception_ptr failure_;
    std::thread thread_;
};

process::Command
command_for(const util::RootDir& tree, std::int64_t epoch, const std::string& path, int input) {
    const auto root = tree.status("/").value();
    process::Command command = process::mksquashfs_command({.target = path,
                                                            .epoch = epoch,
                                                            .mode = root.st_mode,
                                                            .user = root.st_uid,
                                                            .group = root.st_gid});
    command.child_setup = [input] {
        if (::dup2(input, STDIN_FILENO) < 0) {
            util::throw_errno("cannot give mksquashfs its input");
        }
    };
    return command;
}

} // namespace

TreeSummary write_squashfs(const util::RootDir& tree,
                           std::int64_t epoch,
                           const std::string& path,
                           process::Runner& runner) {
    util::Pipe pipe = util::make_pipe();
    // Declared before the feed, gone after it: the feed's end needs the reading end closed.
    const process::Command command = command_for(tree, epoch, path, pipe.read.get());
    TarFeed feed(tree, epoch, std::move(pipe.write));
    process::Result result;
    try {
        result = runner.run(command);
    } catch (...) {
        pipe.read.reset();
        throw;
    }
    pipe.read.reset();
    const TreeSummary summary = feed.finish();
    if (result.exit_code != 0 || feed.is_cut()) {
        disk::throw_tool_failure(command, result, path);
    }
    return summary;
}

} // namespace kiln::build
