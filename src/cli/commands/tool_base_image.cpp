#include "cli/commands/tool_base_image.hpp"

#include "base/image_digest.hpp"
#include "base/image_source.hpp"
#include "base/settings.hpp"
#include "base/unpack.hpp"
#include "cache/documents.hpp"
#include "cache/package_state.hpp"
#include "check/kvm.hpp"
#include "cli/base_image_access.hpp"
#include "net/url.hpp"
#include "process/posix_runner.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/root_dir.hpp"
#include "util/text.hpp"

#include <fcntl.h>

#include <filesystem>

namespace kiln::cli {
namespace {

std::string target_root(const process::Environment& environment) {
    const auto found = environment.find("TARGET_ROOT");
    const std::string path = found == environment.end() ? "" : found->second;
    std::error_code ignored;
    if (!std::filesystem::is_directory(path, ignored)) {
        throw util::Error({.what = "TARGET_ROOT='" + path + "' is no folder",
                           .hint = "this runs in a root.d hook of 'kiln build'",
                           .code = util::ExitCode::usage});
    }
    return path;
}

base::ApplianceAccelerator appliance_accelerator(const std::filesystem::path& memory,
                                                 process::Runner& runner) {
    return check::choose_accelerator(check::kvm_memory(memory), runner) == check::Accelerator::kvm
               ? base::ApplianceAccelerator::kvm
               : base::ApplianceAccelerator::tcg;
}

void require_system(const std::string& target) {
    const util::RootDir tree(target);
    if (!tree.exists("etc/os-release") && !tree.exists("usr/lib/os-release")) {
        throw util::Error({.what = "the base image holds no system: there is no /etc/os-release",
                           .hint = "give an image of a whole system, as DIB_LOCAL_IMAGE or "
                                   "BASE_IMAGE_FILE"});
    }
}

/// What a list vouched for may change there; the cache then makes the root anew.
void note_use(const base::ImageSource& source,
              const std::filesystem::path& image,
              const process::Environment& environment) {
    const auto file = environment.find("KILN_USED_PACKAGES");
    const auto digest = base::digest_from_name(image.filename().string());
    if (file == environment.end() || source.list_url.empty() || !digest) {
        return;
    }
    cache::RepositoryUse use{.kind = cache::RepositoryUse::Kind::base_image,
                             .url = net::take_login(source.list_url).url,
                             .signature_url = net::take_login(source.signature_url).url,
                             .trust = cache::RepositoryUse::Trust::none,
                             .indexes = {{.path = source.list_name,
                                          .title = "the base image " + source.list_name,
                                          .digest = digest->hex}}};
    if (source.trust == base::Trust::signature) {
        const cache::Documents documents(environment.at("DIB_IMAGE_CACHE") + "/documents");
        use.trust = cache::RepositoryUse::Trust::signature;
        const auto keyring = documents.put_keyring(util::read_file(source.keyring));
        use.keyrings = keyring ? std::vector<std::string>{*keyring} : std::vector<std::string>{};
    }
    const util::Fd fd = util::open_file(file->second, O_WRONLY | O_CREAT | O_APPEND, 0644);
    util::write_all(fd.get(), cache::to_json({{use}}) + "\n", file->second);
}

} // namespace

std::vector<std::string> unpack_base_image(const process::Environment& environment,
                                           const std::vector<std::string>& /*arguments*/) {
    const std::string target = target_root(environment);
    const base::ImageSource source = base::locate(environment);
    PlainReporter reporter;
    process::PosixRunner runner;
    const base::ImageInUse image = obtain_base_image(source, environment, runner, reporter);
    report::Step step(reporter, "unpack " + image.path());
    const base::BaseImageOptions options = base::base_image_options(environment);
    const base::UnpackResult result = base::unpack_image(
        {.image = image.path(),
         .target = target,
         .kind = source.kind,
         .scratch = options.scratch,
         .accelerator = [&] { return appliance_accelerator(options.cache, runner); },
         .appliance_cache = options.cache / "appliance"},
        runner,
        reporter);
    require_system(target);
    note_use(source, image.path(), environment);
    step.done(result.how + ", " + util::human_bytes(result.bytes));
    return {};
}

} // namespace kiln::cli
