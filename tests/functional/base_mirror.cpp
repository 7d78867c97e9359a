#include "base_mirror.hpp"

#include "image_tree.hpp"
#include "util/text.hpp"

namespace kiln::tests {
namespace {

namespace fs = std::filesystem;

/// A step of a test's own that must not fail.
void must(const std::string& script) {
    const Answer answer = ask({"bash", "-c", "set -eu -o pipefail\n" + script});
    ASSERT_EQ(answer.exit_code, 0) << script << "\n" << answer.text;
}

std::string quote(const std::string& text) {
    return util::shell_quote(text);
}

} // namespace

BaseMirror::BaseMirror(Workspace& space) {
    fs::permissions(
        directory_.path(), fs::perms::others_read | fs::perms::others_exec, fs::perm_options::add);
    fs::create_directory(folder("keys"));
    make_key("signer");
    make_key("other");
    space.environment["DIB_CLOUD_IMAGES"] = url();
    space.environment["BASE_IMAGE_FILE"] = "base.raw";
    space.environment["KILN_BASE_KEYRING"] = keyring();
    space.environment["KILN_DOWNLOAD_TRIES"] = "2";
    space.environment["KILN_DOWNLOAD_STALL"] = "2";
    space.write("elements/on-base/element-provides", "operating-system\n");
    space.write("elements/on-base/element-deps", "base-image\n");
    space.hook("on-base", "install.d/50-look", "echo \"marker: $(cat /marker)\"");
}

BaseMirror::~BaseMirror() {
    for (const char* name : {"signer", "other"}) {
        static_cast<void>(
            ask({"gpgconf", "--homedir", folder("keys/" + std::string(name)), "--kill", "all"}));
    }
}

void BaseMirror::make_key(const std::string& name) {
    const std::string home = folder("keys/" + name);
    fs::create_directory(home);
    fs::permissions(home, fs::perms::owner_all);
    const std::string gpg = "gpg --homedir " + quote(home) + " --batch --quiet ";
    must(gpg + "--passphrase '' --quick-generate-key kiln-" + name +
         "@test.invalid ed25519 sign never\n" + gpg + "--export >" + quote(home + ".gpg"));
}

void BaseMirror::publish(const std::string& name, const std::string& marker) {
    const std::string tree = quote(folder("tree"));
    must("rm -rf " + tree + "; mkdir " + tree + "; TARGET_ROOT=" + tree + " FAKE_OS_MEGABYTES=1 " +
         quote(std::string(KILN_SOURCE_DIR) + "/tests/elements/fake-os/root.d/10-fake-os") +
         "\necho " + quote(marker) + " >" + tree + "/marker");
    const std::string draft = quote(folder("draft"));
    if (name.find(".tar.xz") != std::string::npos) {
        must("tar --owner=0 --group=0 --numeric-owner -C " + tree + " -cf - . | xz -0 >" + draft);
    } else {
        must("rm -f " + draft + "; mke2fs -q -t ext4 -E root_owner=0:0 -d " + tree + " " + draft +
             " 16M");
    }
    must("mv -f " + draft + " " + quote(file(name)));
    list();
}

void BaseMirror::list(const std::string& signer) {
    const std::string gpg =
        "gpg --homedir " + quote(folder("keys/" + signer)) + " --batch --quiet --yes ";
    must("cd " + quote(folder("srv")) + "\nrm -f SHA256SUMS*\nsha256sum * >../sums\n" +
         "mv ../sums SHA256SUMS\n" + gpg + "--detach-sign --output SHA256SUMS.gpg SHA256SUMS");
}

void BaseMirror::list_inline() {
    must("cd " + quote(folder("srv")) + "\nrm -f SHA256SUMS*\nsha256sum * >../sums\n" +
         "gpg --homedir " + quote(folder("keys/signer")) +
         " --batch --quiet --yes --clear-sign --output SHA256SUMS ../sums");
}

} // namespace kiln::tests
