#include "unit/store/directory_store_fixture.hpp"
#include "util/fd.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <random>
#include <thread>

namespace kiln::tests {
namespace {

/// Runs work in a process of its own; ended by SIGKILL when it goes. No store may be open when it
/// starts.
class Child {
public:
    explicit Child(const std::function<void()>& work) : id_(::fork()) {
        if (id_ == 0) {
            try {
                work();
            } catch (...) {
                ::_exit(1);
            }
            ::_exit(0);
        }
    }

    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    Child(Child&&) = delete;
    Child& operator=(Child&&) = delete;

    ~Child() { kill(); }

    /// Whether it had not ended by itself.
    bool kill() {
        if (id_ <= 0) {
            return false;
        }
        ::kill(id_, SIGKILL);
        return WIFSIGNALED(wait());
    }

    bool succeeds() { return id_ > 0 && wait() == 0; }

private:
    int wait() {
        int status = -1;
        ::waitpid(id_, &status, 0);
        id_ = -1;
        return status;
    }

    pid_t id_;
};

class DirectoryStoreProcesses : public DirectoryStoreTest {
protected:
    /// Name, property, tag and min_disk of an image tell the same revision at any time.
    static void change(store::ImageStore& images, const std::string& id, unsigned revision) {
        const std::string text = std::to_string(revision);
        images.update(id,
                      {.name = "image-" + text,
                       .hidden = revision % 2 == 1,
                       .min_disk = revision,
                       .tags = std::set<std::string>{"tag-" + text},
                       .properties = {{"revision", text}}});
    }

    /// Never ends by itself.
    static void work_on(const std::string& folder) {
        store::DirectoryStore images(folder);
        for (unsigned i = 0;; ++i) {
            const unsigned revision = i % 4;
            const std::string text = std::to_string(revision);
            const std::string id = images
                                       .create({.name = "image-" + text,
                                                .disk_format = "raw",
                                                .min_disk = revision,
                                                .tags = {"tag-" + text},
                                                .properties = {{"revision", text}}})
                                       .id;
            images.upload(id, data_of(noise(300000 + i, i)));
            change(images, id, (i + 1) % 4);
            images.deactivate(id);
            change(images, id, (i + 2) % 4);
            images.reactivate(id);
            const std::vector<store::Image> all = all_images(images);
            if (all.size() > 6) {
                images.remove(all.at(i % all.size()).id);
            }
        }
    }

    static void expect_whole(const store::Image& image) {
        const std::string text = std::to_string(image.min_disk);
        EXPECT_EQ(image.name, "image-" + text);
        EXPECT_EQ(image.property("revision"), text);
        EXPECT_EQ(image.tags, std::set<std::string>{"tag-" + text});
    }

    void expect_whole_changes() const {
        store::DirectoryStore images = open();
        for (const store::Image& image : all_images(images)) {
            expect_whole(image);
        }
    }
};

TEST_F(DirectoryStoreProcesses, IsSoundAfterAKillAtAnyPoint) {
    std::mt19937 random(std::random_device{}());
    for (int round = 0; round < 20; ++round) {
        Child child([&] { work_on(folder); });
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 250000));
        ASSERT_TRUE(child.kill()) << "the child ended by itself";
        expect_sound(folder);
        expect_whole_changes();
        ASSERT_FALSE(HasFailure()) << "in round " << round;
    }
    store::DirectoryStore images = open();
    for (const store::Image& image : images.list({.status = store::ImageStatus::queued})) {
        EXPECT_TRUE(images.upload(image.id, data_of("again")).is_complete());
    }
}

TEST_F(DirectoryStoreProcesses, AReaderNeverSeesHalfAChange) {
    const std::string id = open().create({.name = "image"}).id;
    Child child([&] {
        store::DirectoryStore images = open();
        for (unsigned i = 0;; ++i) {
            change(images, id, i % 4);
        }
    });
    store::DirectoryStore images = open();
    std::set<std::string> names;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    for (int i = 0; (i < 2000 || names.size() < 4) && std::chrono::steady_clock::now() < end; ++i) {
        const store::Image image = images.find(id).value();
        if (image.name != "image") {
            names.insert(image.name);
            expect_whole(image);
        }
    }
    EXPECT_EQ(names.size(), 4U) << "nothing was changed meanwhile";
    EXPECT_TRUE(child.kill());
}

TEST_F(DirectoryStoreProcesses, AKilledUploadIsQueuedAgainForOneThatLooks) {
    const std::string id = open().create({.name = "web", .disk_format = "raw"}).id;
    util::Pipe pipe = util::make_pipe();
    Child child([&] {
        const std::string content = noise(1000, 1);
        store::ImageData data = data_of(content);
        data.read = [&, read = data.read](char* buffer, std::size_t capacity) {
            const std::size_t count = read(buffer, std::min<std::size_t>(capacity, 500));
            if (count < 500) {
                util::write_all(pipe.write.get(), "x", "pipe");
                ::pause();
            }
            return count;
        };
        open().upload(id, data);
    });
    char byte = 0;
    ASSERT_EQ(::read(pipe.read.get(), &byte, 1), 1);
    store::DirectoryStore images = open();
    EXPECT_EQ(images.find(id)->status, store::ImageStatus::saving);
    EXPECT_EQ(files_there().count(id + ".part"), 1U);
    ASSERT_TRUE(child.kill());
    EXPECT_EQ(images.find(id)->status, store::ImageStatus::queued);
    EXPECT_EQ(images.upload(id, data_of("again")).size, 5U);
    EXPECT_EQ(util::read_file(folder + "/files/" + id + ".raw"), "again");
    expect_sound(folder);
}

TEST_F(DirectoryStoreProcesses, SeveralMakeAndUploadImagesAtOnce) {
    const auto work = [&] {
        for (int i = 0; i < 10; ++i) {
            store::DirectoryStore images = open(); // which sweeps while others upload
            add(images, "image-" + std::to_string(i), noise(200000, static_cast<unsigned>(i)));
        }
    };
    {
        Child first(work); // the folder is made by whichever is first
        Child second(work);
        Child third(work);
        EXPECT_TRUE(first.succeeds());
        EXPECT_TRUE(second.succeeds());
        EXPECT_TRUE(third.succeeds());
    }
    EXPECT_EQ(open().list({.status = store::ImageStatus::active}).size(), 30U);
    expect_sound(folder);
}

} // namespace
} // namespace kiln::tests
