#include "catalog/publish.hpp"

#include "catalog/apply.hpp"
#include "catalog/local_file.hpp"
#include "report/progress_text.hpp"
#include "store/file_digest.hpp"
#include "store/store_error.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <chrono>

namespace kiln::catalog {
namespace {

using store::Image;
using store::Problem;
using store::StoreError;
using util::ExitCode;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds k_between_progress{100};

/// What a store has of one name when a publication begins.
struct Found {
    Family family;
    /// Images that have the name and lack kiln's tag, or the property that says their name.
    std::vector<Image> strangers{};
};

class Publication {
public:
    Publication(const PublishRequest& request, store::ImageStore& store, report::Reporter& reporter)
        : request_(request), wanted_(request.wanted), store_(store), reporter_(reporter) {
        result_.store = store.describe();
    }

    PublishResult plan() {
        Found found = look();
        for (const Image& stranger : found.strangers) {
            result_.steps.push_back("take " + name_and_id(stranger) + " under kiln's care");
            found.family.images.push_back(store::changed(stranger, adoption(stranger)));
        }
        const UploadPlan upload = plan_upload(wanted_, found.family, clock());
        Family family = plan_data(upload, std::move(found.family));
        const Rotation rotation = rotation_for(family, to_promote(upload));
        for (const Operation& operation : rotation.operations) {
            result_.steps.push_back(operation.text);
        }
        result_.notes.insert(result_.notes.end(), rotation.notes.begin(), rotation.notes.end());
        return std::move(result_);
    }

    PublishResult run() {
        Found found = look();
        adopt(found);
        UploadPlan upload = plan_upload(wanted_, found.family, clock());
        require_free(upload);
        warn_of_visibility(found.family);
        remove_leftovers(upload.leftovers);
        bring_data(upload, found.family);
        rotate(upload);
        return std::move(result_);
    }

private:
    [[nodiscard]] UploadClock clock() const {
        return {.stuck_before = time_before(request_.stuck_after)};
    }

    Found look() {
        Found found = {.family = read_family(store_, request_.tag, wanted_.name)};
        store::ImageFilter filter = {.name = wanted_.name};
        const std::string owner = store_.owner();
        if (!owner.empty()) {
            filter.owner = owner;
        }
        for (Image& image : store_.list(filter)) {
            if (found.family.find(image.id) != nullptr) {
                continue;
            }
            if (image.tags.count(request_.tag) == 0) {
                require_adoption(image);
            }
            found.strangers.push_back(std::move(image));
        }
        return found;
    }

    void require_adoption(const Image& image) const {
        if (!request_.adopt) {
            throw util::Error({.what = "image " + name_and_id(image) + " of " + store_.describe() +
                                       " has the name, and kiln does not manage it: it lacks the "
                                       "tag '" +
                                       request_.tag + "'",
                               .hint = "let kiln rotate it too: --adopt; or choose another --name",
                               .code = ExitCode::failed});
        }
    }

    [[nodiscard]] store::ImageChange adoption(const Image& image) const {
        store::ImageChange change = {.tags = image.tags};
        change.tags->insert(request_.tag);
        change.properties[key::k_family] = wanted_.name;
        return change;
    }

    void adopt(Found& found) {
        for (const Image& stranger : found.strangers) {
            found.family.images.push_back(store_.update(stranger.id, adoption(stranger)));
            told("took " + name_and_id(stranger) + " under kiln's care");
        }
    }

    void told(const std::string& text) {
        reporter_.info(text);
        result_.steps.push_back(text);
    }

    void require_free(const UploadPlan& upload) const {
        if (!upload.busy) {
            return;
        }
        throw util::Error(
            {.what = "another upload of this file to " + store_.describe() +
                     " seems to run: image " + name_and_id(*upload.busy) + ", '" +
                     store::status_name(upload.busy->status) + "' since " + upload.busy->updated_at,
             .hint = "wait for it; if it ran on another machine and is dead: --stuck-after 0",
             .code = ExitCode::remote});
    }

    [[nodiscard]] store::Visibility visibility_at_the_end(const Family& family) const {
        const Image* current = current_of(family);
        const auto now =
            current != nullptr ? current->visibility : store::Visibility::private_image;
        return wanted_.visibility.value_or(now);
    }

    void warn_of_visibility(const Family& family) {
        if (request_.promote == Promote::automatic &&
            visibility_at_the_end(family) == store::Visibility::public_image &&
            !store_.may_publicize()) {
            reporter_.warn("this user has no role admin in " + store_.describe() +
                           ": making the image public will probably be refused");
        }
    }

    void remove_leftovers(const std::vector<Image>& leftovers) {
        for (const Image& image : leftovers) {
            store_.remove(image.id);
            told("removed " + name_and_id(image) + ", left '" + store::status_name(image.status) +
                 "' by a broken upload");
        }
    }

    /// What the data needs, told; the family as it would be then.
    Family plan_data(const UploadPlan& upload, Family family) {
        for (const Image& image : upload.leftovers) {
            result_.steps.push_back("remove " + name_and_id(image) + ", left '" +
                                    store::status_name(image.status) + "' by a broken upload");
            family = after(std::move(family),
                           {.kind = Operation::Kind::remove, .id = image.id, .text = {}});
        }
        if (upload.busy) {
            result_.notes.push_back("another upload seems to run: " + name_and_id(*upload.busy));
        }
        if (upload.action == UploadPlan::Action::none) {
            result_.id = upload.id;
            result_.steps.push_back((upload.change.empty() ? "keep " : "update ") +
                                    name_and_id(*family.find(upload.id)) + ", which has the data");
        } else {
            result_.data = PublishResult::Data::uploaded;
            result_.steps.push_back("upload '" + request_.path + "' (" +
                                    util::human_bytes(wanted_.size) + ")" +
                                    (upload.id.empty() ? "" : " to image " + upload.id));
            add_complete(upload, family);
            result_.id = upload.id.empty() ? "new" : upload.id;
        }
        return family;
    }

    void add_complete(const UploadPlan& upload, Family& family) const {
        const store::NewImage made = new_image(wanted_, "");
        Image image = {.id = upload.id.empty() ? "new" : upload.id,
                       .name = made.name,
                       .status = store::ImageStatus::active,
                       .created_at = time_now(),
                       .tags = made.tags,
                       .properties = made.properties};
        const auto same = [&](const Image& other) { return other.id == image.id; };
        auto& images = family.images;
        images.erase(std::remove_if(images.begin(), images.end(), same), images.end());
        images.push_back(std::move(image));
    }

    void bring_data(UploadPlan& upload, const Family& family) {
        if (upload.action == UploadPlan::Action::none) {
            const Image* there = family.find(upload.id);
            if (upload.unverified && !is_verified(*there)) {
                discard(*there);
                upload = {};
            } else {
                result_.id = upload.id;
                update(upload.id, upload.change);
                return;
            }
        }
        const Image image = upload.action == UploadPlan::Action::create
                                ? store_.create(new_image(wanted_, this_uploader()))
                                : take_over(upload);
        upload.id = image.id;
        result_.id = image.id;
        result_.data = PublishResult::Data::uploaded;
        send(image);
        if (wanted_.is_protected.value_or(false)) {
            update(image.id, {.is_protected = true});
        }
    }

    Image take_over(const UploadPlan& upload) {
        told("finishing the broken upload of image " + upload.id);
        store::ImageChange change = upload.change;
        change.properties[key::k_uploader] = this_uploader();
        return store_.update(upload.id, change);
    }

    void update(const std::string& id, const store::ImageChange& change) {
        if (!change.empty()) {
            store_.update(id, change);
            told("updated the properties of image " + id);
        }
    }

    /// An upload that was broken off when all data was there was compared by nobody.
    [[nodiscard]] bool is_verified(const Image& image) const {
        const std::string digest = store::file_digest(request_.path, image.hash_algorithm);
        return digest.empty() || is_converted(image) || digest == image.hash_value;
    }

    /// An import may make another format of the data; its size and digests are other ones then.
    [[nodiscard]] bool is_converted(const Image& image) const {
        return image.disk_format != wanted_.disk_format || image.size != wanted_.size;
    }

    void send(const Image& image) {
        LocalFile file(request_.path);
        report::Step step(reporter_, "upload to " + result_.store);
        const auto begun = Clock::now();
        const Image sent = guarded_upload(image, file, step);
        const std::string rate = report::rate_text(
            file.size(),
            std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun));
        const std::string sha512 = file.finish();
        verify(sent, sha512);
        step.done(name_and_id(sent) + ", " + util::human_bytes(file.size()) + ", " + rate);
        result_.steps.push_back("uploaded " + name_and_id(sent));
    }

    /// A refused upload leaves no image; one that was cut off may be finished later.
    Image guarded_upload(const Image& image, LocalFile& file, report::Step& step) {
        const std::uint64_t total = file.size();
        auto told = Clock::now();
        const auto tell = [&](std::uint64_t done) {
            if (Clock::now() - told >= k_between_progress) {
                told = Clock::now();
                step.progress(done, total);
            }
        };
        try {
            return store_.upload(image.id, file.data(tell));
        } catch (const StoreError& error) {
            if (error.problem() != Problem::unavailable &&
                error.problem() != Problem::unauthorized) {
                try_to_discard(image);
            }
            throw;
        }
    }

    void verify(const Image& sent, const std::string& sha512) {
        const std::string expected = sent.hash_algorithm == "sha512"
                                         ? sha512
                                         : store::file_digest(request_.path, sent.hash_algorithm);
        if (sent.size != wanted_.size || (!expected.empty() && expected != sent.hash_value)) {
            if (is_converted(sent) && sent.disk_format != wanted_.disk_format) {
                record_conversion(sent);
                return;
            }
            discard(sent);
            throw StoreError(Problem::damaged,
                             {.what = "the data that " + store_.describe() + " has of '" +
                                      request_.path +
                                      "' is not what was sent: their digests differ",
                              .hint = "the broken image was removed; run the same command again",
                              .code = ExitCode::remote});
        }
    }

    void record_conversion(const Image& sent) {
        store_.update(
            sent.id,
            {.properties = {{key::k_stored_digest, sent.hash_algorithm + ":" + sent.hash_value}}});
        reporter_.info("the service made " + sent.disk_format + " of it");
    }

    void discard(const Image& image) {
        if (image.is_protected) {
            store_.update(image.id, {.is_protected = false});
        }
        store_.remove(image.id);
    }

    void try_to_discard(const Image& image) noexcept {
        try {
            discard(image);
        } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): the next run removes it
        }
    }

    /// The id of the image that is to get the name; empty: what has it keeps it.
    [[nodiscard]] std::string to_promote(const UploadPlan& upload) const {
        const bool promotes = request_.promote == Promote::automatic && !upload.rolled_back;
        return promotes ? result_.id : "";
    }

    [[nodiscard]] Rotation rotation_for(const Family& family, const std::string& promote) const {
        const RotationRequest rotation = {.promote = promote, .now = time_now()};
        // Another image that keeps the name keeps its visibility too.
        const Image* current = current_of(family);
        const bool names_it =
            !rotation.promote.empty() || (current != nullptr && current->id == result_.id);
        RotationPolicy policy = request_.policy;
        policy.visibility = names_it ? wanted_.visibility : std::nullopt;
        return plan_rotation(family, policy, rotation);
    }

    /// Another publisher of the same file was faster: its image has the name, this one is too many.
    bool give_way(Family& family) {
        const Image* current = current_of(family);
        const Image* own = family.find(result_.id);
        if (current == nullptr || own == nullptr || current == own ||
            result_.data != PublishResult::Data::uploaded ||
            current->property(key::k_digest) != wanted_.digest) {
            return false;
        }
        told("another run has published the same data meanwhile: image " + current->id);
        const std::string redundant = own->id;
        result_.id = current->id;
        result_.data = PublishResult::Data::unchanged;
        discard(*own);
        family = after(std::move(family),
                       {.kind = Operation::Kind::remove, .id = redundant, .text = {}});
        return true;
    }

    void rotate(const UploadPlan& upload) {
        Family family = read_with_own();
        give_way(family);
        if (upload.rolled_back) {
            reporter_.warn("image " + result_.id +
                           " was rolled back and stays so; to give it the name again: kiln images "
                           "promote '" +
                           wanted_.name + "' --image " + result_.id);
        }
        const std::string promoted = to_promote(upload);
        if (carry_out(rotation_for(family, promoted), family) && !promoted.empty()) {
            settle_race(family);
        }
        result_.standing = standing_of(family, *family.find(result_.id));
        result_.properties = family.find(result_.id)->properties;
    }

    Family read_with_own() {
        Family family = read_family(store_, request_.tag, wanted_.name);
        if (family.find(result_.id) == nullptr) {
            throw StoreError(Problem::absent,
                             {.what = "image " + result_.id + " is gone from " + store_.describe(),
                              .hint = "somebody deleted it; run the same command again",
                              .code = ExitCode::remote});
        }
        return family;
    }

    /// Whether there was anything to do.
    bool carry_out(const Rotation& rotation, Family& family) {
        apply(rotation, store_, reporter_);
        for (const Operation& operation : rotation.operations) {
            result_.steps.push_back(operation.text);
            family = after(std::move(family), operation);
        }
        result_.notes = rotation.notes;
        return !rotation.operations.empty();
    }

    /// Two runs that swap at the same moment both give the name away. Each looks once it did, so
    /// the later one at least sees both images; all decide alike who keeps the name. An image whose
    /// run has ended by then stays as an older one.
    void settle_race(Family& family) {
        constexpr int k_tries = 3;
        for (int tries = 0; tries < k_tries && !has_name_alone(); ++tries) {
            family = read_with_own();
            const bool gave_way = give_way(family);
            try {
                if (!carry_out(rotation_for(family, ""), family) && !gave_way) {
                    return;
                }
            } catch (const StoreError& error) {
                if (error.problem() != Problem::absent) { // else the other one removed its image
                    throw;
                }
            }
        }
    }

    [[nodiscard]] bool has_name_alone() {
        store::ImageFilter filter = {.name = wanted_.name, .tags = {request_.tag}};
        const std::string owner = store_.owner();
        if (!owner.empty()) {
            filter.owner = owner;
        }
        const std::vector<Image> named = store_.list(filter);
        return named.size() == 1 && named.front().id == result_.id;
    }

    const PublishRequest& request_;
    const WantedImage& wanted_;
    store::ImageStore& store_;
    report::Reporter& reporter_;
    PublishResult result_{};
};

/// Planning tells nothing but its result.
class SilentReporter : public report::Reporter {
public:
    void handle(const report::Event&) override {}
};

} // namespace

PublishResult plan_publish(const PublishRequest& request, store::ImageStore& store) {
    SilentReporter silent;
    return Publication(request, store, silent).plan();
}

PublishResult
publish(const PublishRequest& request, store::ImageStore& store, report::Reporter& reporter) {
    return Publication(request, store, reporter).run();
}

} // namespace kiln::catalog
