#include "base/unpack.hpp"

#include "archive/tar_reader.hpp"
#include "base/free_space.hpp"
#include "base/nested_disk.hpp"
#include "base/root_filesystem.hpp"
#include "base/tree_writer.hpp"
#include "base/unpack_kind.hpp"
#include "disk/appliance.hpp"
#include "disk/qcow2_header.hpp"
#include "disk/raw_file.hpp"
#include "disk/tool_failure.hpp"
#include "process/child_process.hpp"
#include "process/tool_check.hpp"
#include "process/tools/qemu_img.hpp"
#include "process/tools/sqfs2tar.hpp"
#include "util/error.hpp"
#include "util/temp_dir.hpp"
#include "util/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>

namespace kiln::base {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_first_bytes = 512;
/// How long a program may take to end: after it was read to the end, and when it is no longer read.
constexpr std::chrono::seconds k_patience{120};
constexpr std::chrono::seconds k_grace{1};

/// There the programs of the host that are set-uid root seem to be nobody's, and libguestfs would
/// copy them so into its appliance, where mount(8) then fails.
bool in_user_namespace() {
    const std::vector<std::string> words = util::split_words(util::read_file("/proc/self/uid_map"));
    return words != std::vector<std::string>{"0", "0", "4294967295"};
}

/// One image on its way into a tree.
class Unpacking {
public:
    Unpacking(const UnpackRequest& request, process::Runner& runner, report::Reporter& reporter)
        : request_(request),
          runner_(runner),
          reporter_(reporter),
          image_(fs::absolute(request.image).string()),
          writer_(request.target, request.limits) {}

    UnpackResult run() {
        check_regular();
        switch (kind()) {
        case ImageKind::qcow2:
            unpack_qcow2();
            break;
        case ImageKind::squashfs:
            unpack_squashfs();
            break;
        case ImageKind::tar:
            unpack_tar();
            break;
        default:
            unpack_raw(image_);
            break;
        }
        return {.how = how_, .bytes = writer_.bytes(), .entries = writer_.entries()};
    }

private:
    /// A device or a FIFO could block or be endless.
    void check_regular() const {
        struct stat status {};

        if (::stat(image_.c_str(), &status) != 0) {
            util::throw_errno("cannot read the image '" + request_.image + "'");
        }
        if (!S_ISREG(status.st_mode)) {
            throw util::Error({.what = "the image '" + request_.image + "' is no regular file"});
        }
        if (status.st_size == 0) {
            throw util::Error({.what = "the image '" + request_.image + "' is empty"});
        }
    }

    [[nodiscard]] std::string first_bytes(std::size_t count) const {
        const disk::RawFile file = disk::RawFile::open_readable(image_);
        return file.read(0, static_cast<std::size_t>(std::min<std::uint64_t>(count, file.size())));
    }

    [[nodiscard]] ImageKind kind() const {
        return request_.kind == ImageKind::automatic ? kind_of(first_bytes(k_first_bytes))
                                                     : request_.kind;
    }

    util::TempDir make_scratch() const {
        const fs::path beside = fs::absolute(request_.target).parent_path();
        return {request_.scratch.empty() ? beside : fs::path(request_.scratch), "unpack-"};
    }

    void unpack_qcow2() {
        const std::uint64_t size = fs::file_size(image_);
        const disk::Qcow2Header header =
            disk::read_qcow2_header(first_bytes(disk::k_qcow2_header_bytes), size, request_.image);
        check_limit(header.disk_size);
        process::require_tools(
            {{.name = "qemu-img", .purpose = "to read qcow2 images", .package = "qemu-utils"}},
            process::tool_environment());
        const util::TempDir scratch = make_scratch();
        const std::string raw = scratch.path() / "disk.raw";
        process::Command command = process::qemu_raw_copy_command(image_, "qcow2", raw);
        command.should_stop = [&scratch] { return is_nearly_full(scratch.path().string()); };
        disk::run_writer(runner_, command, raw);
        unpack_raw(raw);
    }

    void unpack_tar() {
        const util::Fd file = util::open_file(image_, O_RDONLY);
        const util::TempDir scratch = make_scratch();
        NestedDisk sink(writer_, scratch.path() / "disk.raw", request_.limits.bytes);
        archive::read_tar({.fd = file.get(), .name = request_.image}, sink);
        how_ = "tar";
        if (sink.found()) {
            unpack_raw(scratch.path() / "disk.raw");
        }
    }

    void unpack_squashfs() {
        process::require_tools({{.name = "sqfs2tar",
                                 .purpose = "to read squashfs images",
                                 .package = "squashfs-tools-ng"}},
                               process::tool_environment());
        const process::Command command = process::sqfs2tar_command(image_);
        const std::unique_ptr<process::ChildProcess> child = runner_.start(command);
        read_beside(*child, "squashfs");
    }

    void unpack_raw(const std::string& raw) {
        const std::vector<Candidate> candidates = find_filesystems(raw);
        const std::optional<Candidate> root = choose_root(candidates, request_.image);
        if (root && request_.method == UnpackMethod::automatic) {
            disk::Ext4Tree(raw, root->region).read(writer_);
            how_ = "ext4 in user space";
        } else {
            unpack_by_appliance(raw);
        }
    }

    void unpack_by_appliance(const std::string& raw) {
        reporter_.info("starting the libguestfs appliance to read '" + request_.image + "'");
        const disk::ApplianceRequest asked{.image = raw,
                                           .force_tcg =
                                               request_.accelerator == ApplianceAccelerator::tcg,
                                           .appliance = request_.appliance};
        check_appliance();
        process::ChildProcess child(
            [&asked](int output) { disk::tar_root_filesystem(asked, output); });
        read_beside(child, "the appliance");
    }

    void check_appliance() const {
        if (request_.appliance.empty() && std::getenv("LIBGUESTFS_PATH") == nullptr &&
            in_user_namespace()) {
            throw util::Error(
                {.what = "'" + request_.image +
                         "' needs the libguestfs appliance, which cannot be "
                         "made in a user namespace",
                 .hint =
                     "build as root, or make it once with: libguestfs-make-fixed-appliance DIR, "
                     "and set LIBGUESTFS_PATH=DIR",
                 .code = util::ExitCode::tool});
        }
    }

    /// The reader's complaint about a tar that ends too early is only the consequence when the
    /// program that writes it has failed.
    void read_beside(process::ChildProcess& child, const std::string& what) {
        std::exception_ptr problem;
        try {
            archive::read_tar({.fd = child.output(), .name = request_.image}, writer_);
        } catch (const util::Error&) {
            problem = std::current_exception();
        }
        const process::Result result = child.finish(problem ? k_grace : k_patience);
        if (problem && (result.timed_out || result.exit_code == 0)) {
            std::rethrow_exception(problem);
        }
        if (result.timed_out || result.exit_code != 0) {
            throw_failure(result, what);
        }
        how_ = what;
    }

    [[noreturn]] void throw_failure(const process::Result& result, const std::string& what) const {
        const std::vector<std::string> lines = util::split(util::trim(result.err), '\n');
        const std::string why = result.timed_out ? "it does not end" : lines.front();
        throw util::Error({.what = "cannot read '" + request_.image + "' (" + what + "): " + why,
                           .hint = lines.size() > 1 ? lines.back() : "is the image whole?",
                           .code = util::ExitCode::tool});
    }

    void check_limit(std::uint64_t size) const {
        if (size > request_.limits.bytes) {
            throw util::Error({.what = "the disk in '" + request_.image + "' is larger than " +
                                       util::human_bytes(request_.limits.bytes)});
        }
    }

    const UnpackRequest& request_;
    process::Runner& runner_;
    report::Reporter& reporter_;
    std::string image_;
    TreeWriter writer_;
    std::string how_;
};

} // namespace

UnpackResult
unpack_image(const UnpackRequest& request, process::Runner& runner, report::Reporter& reporter) {
    return Unpacking(request, runner, reporter).run();
}

} // namespace kiln::base
