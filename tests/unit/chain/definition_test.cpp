#include "unit/chain/definition_files.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace kiln::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

using Texts = std::vector<std::string>;

TEST(Definition, AddsListsAndMergesMapsAndReplacesTheRest) {
    const DefinitionFiles files;
    const auto run = files.read_text(R"(version: 1
defaults:
  packages: [curl]
  image_size: 2
  architecture: arm64
images:
  base:
    abstract: true
    elements: [debian, vm]
    packages: [vim]
    environment: {A: base, B: base}
    image_size: 4
    formats: [raw, qcow2]
    publish: {tags: [base], properties: {a: base, b: base}, visibility: shared}
  web:
    inherits: base
    elements: [vm, cloud-init]
    packages: [nginx]
    environment: {B: web, C: web}
    formats: [qcow2]
    publish: {tags: [web], properties: {b: web}}
)");
    ASSERT_THAT(run.images, SizeIs(1));
    const chain::ImageDefinition& web = run.images.front();
    EXPECT_EQ(web.elements, (Texts{"debian", "vm", "cloud-init"}));
    EXPECT_EQ(web.packages, (Texts{"curl", "vim", "nginx"}));
    EXPECT_THAT(web.environment,
                ElementsAre(Pair("A", "base"), Pair("B", "web"), Pair("C", "web")));
    EXPECT_EQ(web.image_size, "4");
    EXPECT_EQ(web.architecture, "arm64");
    EXPECT_EQ(web.formats, Texts{"qcow2"});
    EXPECT_EQ(web.publish.visibility, "shared");
    EXPECT_EQ(web.publish.tags, (Texts{"base", "web"}));
    EXPECT_THAT(web.publish.properties, ElementsAre(Pair("a", "base"), Pair("b", "web")));
}

TEST(Definition, TakesTheNearestParentAndOfSeveralTheLast) {
    const DefinitionFiles files;
    const auto run = files.read_text(R"(version: 1
images:
  far: {abstract: true, image_size: 1, architecture: amd64, packages: [far]}
  first: {abstract: true, inherits: far, image_size: 2, freshness: pinned, packages: [first]}
  second: {abstract: true, image_size: 3, packages: [second]}
  web: {inherits: [first, second], elements: [vm], packages: [web]}
)");
    const chain::ImageDefinition& web = image_of(run, "web");
    EXPECT_EQ(web.image_size, "3");
    EXPECT_EQ(web.architecture, "amd64");
    EXPECT_EQ(web.freshness, "pinned");
    EXPECT_EQ(web.packages, (Texts{"far", "first", "second", "web"}));
}

TEST(Definition, AParentMayBeReachedInTwoWays) {
    const DefinitionFiles files;
    for (const char* order : {"[a, b]", "[b, a]"}) {
        const auto run = files.read_text(std::string("version: 1\nimages:\n"
                                                     "  a: {abstract: true, elements: [vm]}\n"
                                                     "  b: {abstract: true, inherits: a}\n"
                                                     "  web: {inherits: ") +
                                         order + "}\n");
        EXPECT_EQ(image_of(run, "web").elements, Texts{"vm"}) << order;
    }
}

TEST(Definition, FillsInVariables) {
    const DefinitionFiles files;
    const auto run = files.read_text(R"(version: 1
images:
  web:
    elements: [vm]
    packages:
      - a-${RELEASE}-b
      - ${GONE:-x}
      - ${EMPTY:-y}z
      - a$$b $c
      - $${RELEASE}
    environment: {E: "${EMPTY}"}
)");
    const chain::ImageDefinition& web = image_of(run, "web");
    EXPECT_EQ(web.packages, (Texts{"a-trixie-b", "x", "yz", "a$b $c", "${RELEASE}"}));
    EXPECT_THAT(web.environment, ElementsAre(Pair("E", "")));
}

TEST(Definition, PathsStartFromTheFolderOfTheFile) {
    const DefinitionFiles files;
    files.directory("more");
    const auto run = files.read_text(R"(version: 1
output: made/../made
stores: {local: {folder: store}}
images:
  web:
    from: {file: ./base.qcow2}
    elements: [vm]
    elements_path: more
    secrets: {A: "file:plain.sh", B: "env:RELEASE"}
    tests: [boot, {command: [./check.sh, ./data]}, {command: {run: ssh x, name: login}}]
    outputs: [stack.j2, {template: stack.j2, to: heat/web.yaml, store: local}]
)");
    const chain::ImageDefinition& web = image_of(run, "web");
    EXPECT_EQ(run.output, files / "made");
    EXPECT_EQ(run.stores.front().folder, files / "store");
    EXPECT_EQ(web.base->file, files / "base.qcow2");
    EXPECT_EQ(web.elements_path, Texts{files / "more"});
    EXPECT_EQ(web.secrets.at("A").name, files / "plain.sh");
    EXPECT_EQ(web.secrets.at("B").name, "RELEASE");
    ASSERT_THAT(*web.tests, SizeIs(3));
    EXPECT_EQ(std::get<chain::CommandTest>(web.tests->at(1)).argv,
              (Texts{files / "check.sh", "./data"}));
    EXPECT_EQ(std::get<chain::CommandTest>(web.tests->at(1)).name, "check.sh");
    EXPECT_EQ(std::get<chain::CommandTest>(web.tests->at(2)).name, "login");
    ASSERT_THAT(*web.outputs, SizeIs(2));
    EXPECT_EQ(web.outputs->at(0).source, files / "stack.j2");
    EXPECT_EQ(web.outputs->at(0).target, "stack");
    EXPECT_EQ(web.outputs->at(1).target, "heat/web.yaml");
}

TEST(Definition, MakesEverythingInOutBesideTheFile) {
    DefinitionFiles files;
    const std::string text = "version: 1\nimages: {web: {elements: [vm]}}\n";
    EXPECT_EQ(files.read_text(text).output, files / "out");
    files.options.output = "/elsewhere";
    EXPECT_EQ(files.read_text(text).output, "/elsewhere");
}

Texts published(const chain::RunDefinition& run, const std::string& image) {
    Texts words;
    for (const chain::Publication& one : chain::publications_of(image_of(run, image), run)) {
        words.push_back(one.store->name + " " + one.format);
    }
    return words;
}

const char* const k_stores = R"(version: 1
stores:
  local: {folder: x}
  prod: {cloud: prod, regions: [a, b], format: raw}
images:
  all: {elements: [vm], formats: [qcow2, raw]}
  one: {elements: [vm], formats: [vhd, raw], publish: {stores: local, format: raw}}
  none: {elements: [vm], publish: false}
)";

TEST(Definition, AStoreGetsItsFormatOrThatOfTheImage) {
    DefinitionFiles files;
    const auto run = files.read_text(k_stores);
    EXPECT_EQ(published(run, "all"), (Texts{"local qcow2", "prod raw"}));
    EXPECT_EQ(published(run, "one"), Texts{"local raw"});
    EXPECT_THAT(published(run, "none"), IsEmpty());
}

TEST(Definition, StoresOfTheCommandLineTakeThePlaceOfTheFiles) {
    DefinitionFiles files;
    files.options.stores = {{.name = "folder", .folder = "/s"}};
    const auto run = files.read_text("version: 1\nimages: {web: {elements: [vm]}}\n");
    EXPECT_EQ(published(run, "web"), Texts{"folder qcow2"});
}

TEST(Definition, SelectsImagesInTheOrderOfTheFile) {
    const DefinitionFiles files;
    auto run = files.read_text(k_stores);
    chain::select_images(run, {"none", "all"});
    ASSERT_THAT(run.images, SizeIs(2));
    EXPECT_EQ(run.images[0].name, "all");
    const util::ErrorInfo error = error_of([&] { chain::select_images(run, {"al"}); });
    EXPECT_THAT(error.what, HasSubstr("has no image 'al'"));
    EXPECT_EQ(error.hint, "did you mean 'all'?");
    EXPECT_EQ(error.code, util::ExitCode::usage);
    EXPECT_EQ(error_of([&] { chain::select_images(run, {"zzzz"}); }).hint, "it has: all, none");
}

class Bundle : public testing::Test {
protected:
    Bundle() {
        for (const char* element : {"vm", "ansible"}) {
            files.write(std::string("own/") + element + "/README.md", "x\n");
        }
        files.options.own_elements = files.path() / "own";
    }

    std::string write(const std::string& properties) {
        files.write("bundle/ansible/bootstrap.yml", "- hosts: all\n");
        files.write("bundle/output/heat/web.yaml.j2", "x\n");
        files.write("bundle/output/README.md", "x\n");
        files.write("bundle/build-vars.yml",
                    "bundle:\n  name: web-1\n  img_base: 1234-5678\n  other: [1]\n"
                    "  properties:\n" +
                        properties + "other: 1\n");
        return files / "bundle";
    }

    DefinitionFiles files{};
};

TEST_F(Bundle, IsReadAsItIs) {
    const std::string folder = write("    os_distro: debian\n    cost: ${NOT_OURS}\n");
    files.options.environment["OS_CLOUD"] = "prod";
    const auto run = chain::read_definition(folder, files.options);
    ASSERT_THAT(run.images, SizeIs(1));
    const chain::ImageDefinition& image = run.images.front();
    EXPECT_EQ(run.output, folder + "/out");
    EXPECT_EQ(image.name, "web-1");
    EXPECT_EQ(image.base->image, "1234-5678");
    EXPECT_EQ(image.base->cloud, "prod");
    EXPECT_EQ(image.elements, (Texts{"vm", "ansible"}));
    EXPECT_EQ(image.environment.at("KILN_ANSIBLE_DIR"), folder + "/ansible");
    EXPECT_THAT(image.publish.properties,
                ElementsAre(Pair("cost", "${NOT_OURS}"), Pair("os_distro", "debian")));
    ASSERT_THAT(*image.outputs, SizeIs(1));
    EXPECT_EQ(image.outputs->front().target, "output/heat/web.yaml");
}

TEST_F(Bundle, CountsWhereverItStandsInAnImage) {
    write("    os_distro: debian\n");
    files.write("own/growroot/README.md", "x\n");
    const std::string more = "    elements: [growroot]\n    environment: {FOO: bar}\n"
                             "    publish: {keep: 2, properties: {x: '1'}}\n";
    const std::string named = "    bundle: bundle\n";
    for (const std::string& keys : {named + more, more + named}) {
        const auto run = files.read_text("version: 1\nstores: {s: {cloud: prod}}\n"
                                         "images:\n  web:\n" +
                                         keys);
        const chain::ImageDefinition& image = image_of(run, "web");
        EXPECT_EQ(image.elements, (Texts{"vm", "ansible", "growroot"}));
        EXPECT_EQ(image.environment.count("KILN_ANSIBLE_DIR"), 1U);
        EXPECT_EQ(image.environment.at("FOO"), "bar");
        EXPECT_EQ(image.publish.properties.size(), 2U);
        EXPECT_EQ(image.publish.keep, "2");
        EXPECT_EQ(image.publish.name, "web-1");
    }
}

TEST_F(Bundle, NeedsItsFile) {
    write("    a: b\n");
    files.write("bundle/build-vars.yml", "bundle: {name: web, img_base: ./gone.qcow2}\n");
    const auto mistakes = files.mistakes_of(files / "bundle");
    ASSERT_THAT(mistakes, SizeIs(1));
    EXPECT_THAT(mistakes[0].what, HasSubstr("build-vars.yml:1:"));
    EXPECT_THAT(mistakes[0].what, HasSubstr("gone.qcow2"));
}

TEST(Definition, AnOwnVariableGoesBeforeAnInheritedSecretAndTheOtherWayRound) {
    const DefinitionFiles files;
    const auto run = files.read_text("version: 1\nimages:\n"
                                     "  a: {elements: [vm], secrets: {T: 'env:RELEASE'}}\n"
                                     "  b: {inherits: a, environment: {T: own}}\n"
                                     "  c: {inherits: b, secrets: {T: 'env:RELEASE'}}\n");
    EXPECT_EQ(image_of(run, "b").environment.count("T"), 1U);
    EXPECT_EQ(image_of(run, "b").secrets.count("T"), 0U);
    EXPECT_EQ(image_of(run, "c").environment.count("T"), 0U);
    EXPECT_EQ(image_of(run, "c").secrets.count("T"), 1U);
}

TEST(Definition, PathsOfKeysAreNoSecrets) {
    const DefinitionFiles files;
    EXPECT_THAT(files.mistakes("version: 1\nimages: {a: {elements: [vm], environment: "
                               "{DIB_DEV_USER_AUTHORIZED_KEYS: /home/me/keys}}}\n"),
                IsEmpty());
}

TEST(Definition, DiamondsOfParentsAreReadOnce) {
    const DefinitionFiles files;
    std::string text = "version: 1\nimages:\n  a0: {elements: [vm]}\n  b0: {elements: [vm]}\n";
    for (int level = 1; level < 30; ++level) {
        for (const char* side : {"a", "b"}) {
            const std::string below = std::to_string(level - 1);
            text += "  " + (side + std::to_string(level)) + ": {inherits: [a" + below + ", b" +
                    below + "]}\n";
        }
    }
    EXPECT_EQ(image_of(files.read_text(text), "a29").elements, Texts{"vm"});
}

TEST(Definition, WhatIsLeftOutNeedsNoSecrets) {
    DefinitionFiles files;
    const std::string text =
        "version: 1\nimages:\n  a: {elements: [vm], secrets: {A: 'env:GONE'}}\n"
        "  b: {elements: [vm]}\n";
    EXPECT_THAT(files.mistakes(text), SizeIs(1));
    files.options.names = {"b"};
    EXPECT_THAT(files.mistakes(text), IsEmpty());
}

TEST_F(Bundle, NeedsACloudForAnId) {
    const auto mistakes = files.mistakes_of(write("    a: b\n"));
    ASSERT_THAT(mistakes, SizeIs(1));
    EXPECT_THAT(mistakes[0].what, HasSubstr("no cloud is named"));
    EXPECT_THAT(mistakes[0].hint, HasSubstr("--cloud NAME"));
}

TEST_F(Bundle, AColonAtTheWrongSideIsToldWhereItStands) {
    files.options.environment["OS_CLOUD"] = "prod";
    for (const char* properties :
         {"    hw_rng_model :virtio\n", "    hw_rng_model :virtio\n    os_distro: debian\n"}) {
        const auto mistakes = files.mistakes_of(write(properties));
        ASSERT_THAT(mistakes, SizeIs(1));
        EXPECT_THAT(mistakes[0].what, HasSubstr("bundle/build-vars.yml:6:"));
        EXPECT_THAT(mistakes[0].hint, HasSubstr("did you mean 'hw_rng_model: virtio'?"));
    }
}

} // namespace
} // namespace kiln::tests
