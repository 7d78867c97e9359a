#include "base/unpack.hpp"

#include "archive/tar_reader.hpp"
#include "base/fixed_appliance.hpp"
#include "base/free_space.hpp"
#include "base/nested_disk.hpp"
#include "base/root_filesystem.hpp"
#include "base/tree_writer.hpp"
#include "base/unpack_kind.hpp"
#include "disk/appliance.hpp"
#include "disk/appliance_files.hpp"
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
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>

namespace kiln::base {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_first_bytes = 512;
/// How long a program may take to end: after it was read to the end, and when it is no longer read.
constexpr std::chrono::seconds k_patience{120};
constexpr std::chrono::seconds k_grace{1};
/// How long the appliance may take until the first bytes of the tar come. Under software emulation
/// on a busy host it needs more than a minute.
constexpr std::chrono::seconds k_start_limit{300};
constexpr std::chrono::seconds k_start_news{30};

/// There the programs of the host that are set-uid root seem to be nobody's, and libguestfs would
/// copy them so into its appliance, where mount(8) then fails.
bool in_user_namespace() {
    const std::vector<std::string> words = util::split_words(util::read_file("/proc/self/uid_map"));
    return words != std::vector<std::string>{"0", "0", "4294967295"};
}

/// One image on its way into a tree.
class Unpacking {
public:
    Unpacking(const UnpackRequest& request,
              util::TreeSink& sink,
              process::Runner& runner,
              report::Reporter& reporter)
        : request_(request),
          sink_(sink),
          runner_(runner),
          reporter_(reporter),
          image_(fs::absolute(request.image).string()) {}

    /// Gives how it was read.
    std::string run() {
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
        return how_;
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
        const fs::path folder = request_.scratch.empty()
                                    ? fs::absolute(request_.target).parent_path()
                                    : fs::path(request_.scratch);
        return {folder, "unpack-"};
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
        NestedDisk sink(sink_, scratch.path() / "disk.raw", request_.limits.bytes);
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
            disk::Ext4Tree(raw, root->region).read(sink_);
            how_ = "ext4 in user space";
        } else {
            unpack_by_appliance(raw);
        }
    }

    void unpack_by_appliance(const std::string& raw) {
        const util::TempDir scratch = make_scratch();
        disk::ApplianceRequest asked{.image = raw,
                                     .force_tcg = accelerator() == ApplianceAccelerator::tcg,
                                     .appliance = request_.appliance,
                                     .scratch = scratch.path()};
        const std::optional<FixedAppliance> made = make_appliance(scratch.path());
        if (made) {
            asked.appliance = made->path();
            // The usual place would belong to the host's root.
            asked.cache = scratch.path();
        }
        reporter_.info("starting the libguestfs appliance to read '" + request_.image + "'");
        process::ChildProcess child(
            [&asked](int output) { disk::tar_root_filesystem(asked, output); });
        wait_for_start(child);
        read_beside(child, "the appliance");
    }

    [[nodiscard]] ApplianceAccelerator accelerator() const {
        return request_.accelerator ? request_.accelerator() : ApplianceAccelerator::tcg;
    }

    /// Nothing where libguestfs has one, or can make its own.
    std::optional<FixedAppliance> make_appliance(const fs::path& scratch) {
        if (!request_.appliance.empty() || !in_user_namespace()) {
            return std::nullopt;
        }
        const std::optional<std::string> source = disk::appliance_source();
        if (!source) {
            return std::nullopt;
        }
        const fs::path folder = request_.appliance_cache.empty()
                                    ? scratch / "appliance"
                                    : fs::path(request_.appliance_cache);
        return FixedAppliance::obtain({.folder = folder, .source = *source}, runner_, reporter_);
    }

    /// Until the first bytes come, or the end: of a failure read_beside tells.
    void wait_for_start(process::ChildProcess& child) {
        for (auto waited = std::chrono::seconds(0); waited < k_start_limit;) {
            if (child.wait_for_output(k_start_news)) {
                return;
            }
            waited += k_start_news;
            reporter_.info("    it is still starting, after " + util::human_duration(waited));
        }
        child.finish(std::chrono::seconds(0));
        throw util::Error({.what = "cannot read '" + request_.image +
                                   "': the libguestfs appliance does not start within " +
                                   util::human_duration(k_start_limit),
                           .hint = "does it start with: libguestfs-test-tool",
                           .code = util::ExitCode::tool});
    }

    /// The reader's complaint about a tar that ends too early is only the consequence when the
    /// program that writes it has failed.
    void read_beside(process::ChildProcess& child, const std::string& what) {
        std::exception_ptr problem;
        try {
            archive::read_tar({.fd = child.output(), .name = request_.image}, sink_);
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
    util::TreeSink& sink_;
    process::Runner& runner_;
    report::Reporter& reporter_;
    std::string image_;
    std::string how_;
};

} // namespace

UnpackResult
unpack_image(const UnpackRequest& request, process::Runner& runner, report::Reporter& reporter) {
    TreeWriter writer(request.target, request.limits);
    const std::string how = Unpacking(request, writer, runner, reporter).run();
    return {.how = how, .bytes = writer.bytes(), .entries = writer.entries()};
}

std::string read_image(const UnpackRequest& request,
                       util::TreeSink& sink,
                       process::Runner& runner,
                       report::Reporter& reporter) {
    return Unpacking(request, sink, runner, reporter).run();
}

} // namespace kiln::base
