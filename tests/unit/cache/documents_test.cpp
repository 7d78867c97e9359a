#include "cache/documents.hpp"
#include "cache/documents_armor.hpp"
#include "unit/util/test_files.hpp"
#include "util/digest.hpp"

#include <gmock/gmock.h>

#include <sys/wait.h>
#include <unistd.h>

#include <ctime>

namespace kiln::tests {
namespace {

const std::string k_url = "http://host/InRelease";
const std::string k_armoured = "Comment before\n-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
                               "Version: 1\n\na2V5\nIGRh\ndGE=\n=abcd\n"
                               "-----END PGP PUBLIC KEY BLOCK-----\n";

class Documents : public testing::Test {
protected:
    /// The only file of a kind.
    [[nodiscard]] std::string file_of(const std::string& kind) const {
        return std::filesystem::directory_iterator(files / kind)->path().string();
    }

    TestFiles files{};
    cache::Documents documents{files.path()};
};

TEST_F(Documents, KeepALastListWithItsValidators) {
    EXPECT_FALSE(documents.find_list(k_url));
    documents.put_list(
        k_url,
        {.validators = {.etag = "\"1\"", .last_modified = "then"}, .body = "a\nb", .since = 5});
    const auto list = documents.find_list(k_url);
    ASSERT_TRUE(list);
    EXPECT_EQ(list->validators.etag, "\"1\"");
    EXPECT_EQ(list->validators.last_modified, "then");
    EXPECT_EQ(list->body, "a\nb");
    EXPECT_EQ(list->since, 5);
    EXPECT_FALSE(documents.find_list(k_url + "2"));
    documents.remove_list(k_url);
    EXPECT_FALSE(documents.find_list(k_url));
}

TEST_F(Documents, DamagedFilesAreAbsent) {
    documents.put_list(k_url, {.body = "text"});
    documents.put_verified("ab", "text");
    const std::string key = documents.put_keyring("keys").value();
    for (const char* kind : {"lists", "verified", "keyrings"}) {
        const std::string path = file_of(kind);
        std::string content = util::read_file(path);
        content.back() = '!';
        const util::Fd fd = util::open_file(path, O_WRONLY | O_TRUNC);
        util::write_all(fd.get(), content, path);
    }
    EXPECT_FALSE(documents.find_list(k_url));
    EXPECT_FALSE(documents.find_verified("ab"));
    EXPECT_FALSE(documents.keyring_file(key));
    EXPECT_EQ(documents.put_keyring("keys"), key);
    EXPECT_TRUE(documents.keyring_file(key));
}

TEST_F(Documents, RememberWhenAListWasCurrent) {
    documents.put_list(k_url, {.body = "text"});
    documents.mark_list_checked(k_url, 1000);
    EXPECT_EQ(documents.list_checked(k_url, 2000), 1000);
    EXPECT_EQ(documents.list_checked(k_url, 999), std::nullopt);
    EXPECT_EQ(documents.list_checked("http://other", 2000), std::nullopt);
}

TEST_F(Documents, KeyringsAreBinaryAndFoundByTheirContent) {
    const auto address = documents.put_keyring(k_armoured);
    EXPECT_EQ(address, util::sha256("key data"));
    EXPECT_EQ(documents.put_keyring("key data"), address);
    EXPECT_EQ(util::read_file(documents.keyring_file(*address).value()), "key data");
    EXPECT_FALSE(documents.keyring_file("../lists"));
    EXPECT_FALSE(documents.put_keyring(""));
}

TEST_F(Documents, ArmourMayHoldManyBlocksButNoBrokenOne) {
    EXPECT_EQ(cache::binary_keyring(k_armoured + k_armoured), "key datakey data");
    EXPECT_EQ(cache::binary_keyring("\x99\x01"), "\x99\x01");
    EXPECT_FALSE(cache::binary_keyring("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\na2V5\n"));
    EXPECT_FALSE(cache::binary_keyring("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n????\n"
                                       "-----END PGP PUBLIC KEY BLOCK-----\n"));
    EXPECT_FALSE(cache::binary_keyring("-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
                                       "-----END PGP PUBLIC KEY BLOCK-----\n"));
}

TEST_F(Documents, AreBounded) {
    const cache::Documents few(files.path(), 3);
    for (int i = 0; i < 3; ++i) {
        few.put_list(k_url + std::to_string(i), {.body = "text"});
        few.mark_list_checked(k_url + std::to_string(i), 1000 - i);
    }
    few.put_list(k_url, {.body = "text"});
    EXPECT_TRUE(few.find_list(k_url));
    EXPECT_TRUE(few.find_list(k_url + "0"));
    EXPECT_TRUE(few.find_list(k_url + "1"));
    EXPECT_FALSE(few.find_list(k_url + "2"));
}

TEST_F(Documents, AreSafeAmongManyWriters) {
    std::vector<pid_t> children;
    for (char c = 'a'; c < 'e'; ++c) {
        const pid_t child = ::fork();
        if (child == 0) {
            for (int i = 0; i < 40; ++i) {
                documents.put_list(k_url, {.body = std::string(50000, c)});
            }
            ::_exit(0);
        }
        children.push_back(child);
    }
    for (int i = 0; i < 200; ++i) {
        if (const auto list = documents.find_list(k_url)) {
            EXPECT_EQ(list->body, std::string(50000, list->body.front()));
        }
    }
    for (const pid_t child : children) {
        int status = 1;
        ::waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    }
    EXPECT_TRUE(documents.find_list(k_url));
}

} // namespace
} // namespace kiln::tests
