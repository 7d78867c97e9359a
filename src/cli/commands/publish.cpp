#include "catalog/publish.hpp"

#include "catalog/wanted.hpp"
#include "cli/commands/commands.hpp"
#include "cli/numbers.hpp"
#include "cli/places.hpp"
#include "cli/reporting.hpp"
#include "cli/rotation_flags.hpp"
#include "cli/store_work.hpp"
#include "inspect/disk_format.hpp"
#include "store/file_digest.hpp"
#include "util/error.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <sys/stat.h>

#include <cmath>
#include <filesystem>
#include <iostream>

namespace kiln::cli {
namespace {

namespace fs = std::filesystem;
using catalog::ImageFacts;
using catalog::PublishResult;

ImageFacts facts_of(const std::string& path, const std::string& format) {
    struct stat info = {};
    if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) {
        throw util::Error({.what = "there is no image file '" + path + "'",
                           .hint = "make one: kiln build -o NAME ELEMENT...",
                           .code = util::ExitCode::usage});
    }
    const inspect::FileFormat found = inspect::file_format(path);
    const auto size = static_cast<std::uint64_t>(info.st_size);
    ImageFacts facts = {.path = path,
                        .format = format.empty() ? found.name : format,
                        .size = size,
                        .disk_size = found.disk_size,
                        .modified = info.st_mtim.tv_sec,
                        .record = catalog::read_build_record(path)};
    // Headers of some formats (vhd, vhdx) are not read.
    if (facts.disk_size == 0 && facts.record) {
        facts.disk_size = facts.record->disk_size;
    }
    facts.disk_size = facts.disk_size == 0 ? size : facts.disk_size;
    return facts;
}

std::optional<std::uint64_t> whole_number(const std::string& text, const std::string& option) {
    if (text.empty()) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(std::ceil(positive_number(text, option)));
}

std::map<std::string, std::string> pairs_of(const std::vector<std::string>& words) {
    std::map<std::string, std::string> pairs;
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos || equals == 0) {
            throw util::Error({.what = "--property: '" + word + "' has no '='",
                               .hint = "write NAME=VALUE; NAME= leaves a property out",
                               .code = util::ExitCode::usage});
        }
        pairs[word.substr(0, equals)] = word.substr(equals + 1);
    }
    return pairs;
}

std::string word_of(const PublishResult& result, bool planned) {
    if (result.data == PublishResult::Data::unchanged) {
        return planned ? "would keep" : "unchanged";
    }
    return planned ? "would upload" : "uploaded";
}

void print_text(const std::vector<PublishResult>& results, const std::string& name, bool planned) {
    for (const PublishResult& result : results) {
        if (result.id.empty()) {
            continue;
        }
        std::cout << result.store << ": " << word_of(result, planned) << " " << result.id << " '"
                  << name << "'";
        if (!planned) {
            std::cout << ", " << catalog::standing_name(result.standing);
        }
        std::cout << "\n";
        for (const std::string& step : planned ? result.steps : std::vector<std::string>{}) {
            std::cout << "  " << step << "\n";
        }
        for (const std::string& note : result.notes) {
            std::cout << "  note: " << note << "\n";
        }
    }
}

nlohmann::ordered_json json_of(const PublishResult& result, const std::string& name, bool planned) {
    nlohmann::ordered_json object = {{"store", result.store},
                                     {"name", name},
                                     {"id", result.id},
                                     {"result", word_of(result, planned)},
                                     {"steps", result.steps},
                                     {"notes", result.notes}};
    if (!planned) {
        object["standing"] = catalog::standing_name(result.standing);
        object["properties"] = result.properties;
    }
    return object;
}

/// `kiln publish`: brings an image file into stores, and gives it its name there.
class PublishCommand : public Command {
public:
    void define(CLI::App& app) override {
        app.add_option("IMAGE", image_, "Image file; kiln's record beside it is read")->required();
        app.add_option("--name", name_, "Name of the image in the store")->required();
        app.add_option(
               "--property", properties_, "NAME=VALUE; NAME= leaves one out; may be repeated")
            ->allow_extra_args(false);
        app.add_flag("--exact-properties",
                     exact_properties_,
                     "Only those properties, and what the rotation needs");
        app.add_option("--image-tag", tags_, "Tag of the image; may be repeated")
            ->allow_extra_args(false);
        app.add_option("--min-disk", min_disk_, "GiB of disk that it needs [size of its disk]");
        app.add_option("--min-ram", min_ram_, "MiB of memory that it needs [512]");
        app.add_flag("--protected,!--unprotected", protected_, "Whether it is safe from deletion");
        app.add_option("--disk-format", disk_format_, "Format to declare it as [told by the file]");
        app.add_option("--container-format", container_format_, "Container format [bare]");
        app.add_option("--image-version", version_, "Version [time of the build]");
        app.add_option("--promote", promote_, "auto, or manual: it waits for its name [auto]")
            ->check(CLI::IsMember({"auto", "manual"}));
        app.add_flag("--adopt", adopt_, "Take over an image of the name that lacks kiln's tag");
        app.add_option("--stuck-after",
                       stuck_after_,
                       "Hours after which another machine's upload is dead [6]");
        app.add_flag("--plan", plan_, "Say what would be done, and do nothing");
        rotation_.define(app);
        stores_.define(app);
        stores_.define_upload(app);
        reporting_.define_for_stores(app);
        app_ = &app;
    }

    int run() override {
        report::FanOut reporters;
        reporting_.add_to(reporters);
        const std::vector<StoreTarget> targets = stores_.targets(reporters);
        catalog::PublishRequest request = this->request(reporters);
        std::vector<PublishResult> results(targets.size());
        const int code =
            work_on(targets,
                    reporters,
                    [&](store::ImageStore& store, report::Reporter& reporter, std::size_t index) {
                        results[index] = plan_ ? catalog::plan_publish(request, store)
                                               : catalog::publish(request, store, reporter);
                    });
        print(results);
        return code;
    }

private:
    [[nodiscard]] catalog::PublishRequest request(report::Reporter& reporter) const {
        const std::string path = absolute_path(image_).string();
        const ImageFacts facts = facts_of(path, disk_format_);
        const catalog::RotationPolicy policy = rotation_.policy();
        catalog::PublishRequest request = {
            .wanted = catalog::wanted_image(facts, wishes(policy)),
            .path = path,
            .policy = policy,
            .promote =
                promote_ == "manual" ? catalog::Promote::manual : catalog::Promote::automatic,
            .tag = stores_.tag(),
            .adopt = adopt_,
            .stuck_after = std::lround(positive_number(stuck_after_, "--stuck-after") * 3600)};
        request.wanted.digest = "sha256:" + digest_of(facts, reporter);
        return request;
    }

    [[nodiscard]] catalog::PublishWishes wishes(const catalog::RotationPolicy& policy) const {
        catalog::PublishWishes wishes = {.name = name_,
                                         .visibility = policy.visibility,
                                         .min_disk = whole_number(min_disk_, "--min-disk"),
                                         .min_ram = whole_number(min_ram_, "--min-ram"),
                                         .tags = {tags_.begin(), tags_.end()},
                                         .properties = pairs_of(properties_),
                                         .exact_properties = exact_properties_,
                                         .version = version_,
                                         .container_format = container_format_,
                                         .keep = policy.keep,
                                         .tag = stores_.tag()};
        if (app_->count("--protected") > 0 || app_->count("--unprotected") > 0) {
            wishes.is_protected = protected_;
        }
        return wishes;
    }

    static std::string digest_of(const ImageFacts& facts, report::Reporter& reporter) {
        if (facts.record) {
            return facts.record->sha256;
        }
        report::Step step(reporter, "read " + fs::path(facts.path).filename().string());
        const std::string digest = store::file_digest(facts.path, "sha256");
        step.done();
        return digest;
    }

    void print(const std::vector<PublishResult>& results) const {
        if (!reporting_.json()) {
            print_text(results, name_, plan_);
        } else {
            nlohmann::ordered_json all = nlohmann::json::array();
            for (const PublishResult& result : results) {
                if (!result.id.empty()) {
                    all.push_back(json_of(result, name_, plan_));
                }
            }
            std::cout << all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
        }
        std::cout.flush();
    }

    CLI::App* app_ = nullptr;
    std::string image_;
    std::string name_;
    std::vector<std::string> properties_;
    bool exact_properties_ = false;
    std::vector<std::string> tags_;
    std::string min_disk_;
    std::string min_ram_;
    bool protected_ = false;
    std::string disk_format_;
    std::string container_format_ = "bare";
    std::string version_;
    std::string promote_ = "auto";
    bool adopt_ = false;
    std::string stuck_after_ = "6";
    bool plan_ = false;
    RotationFlags rotation_;
    StoreFlags stores_;
    ReportingFlags reporting_;
};

} // namespace

std::unique_ptr<Command> make_publish_command() {
    return std::make_unique<PublishCommand>();
}

} // namespace kiln::cli
