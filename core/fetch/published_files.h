#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace c2c {

/// A file of the full method: where it is published and where it belongs in a model folder (the layout that
/// core/weights/model_folder.h reads).
struct PublishedFile {
    struct Place {
        std::string path;            ///< in the repository
        std::filesystem::path local; ///< in a model folder
    };
    std::string repository;    ///< "stabilityai/sdxl-turbo"
    std::vector<Place> places; ///< the first that is there is taken
    bool needed = true;
};

/// `full`: fp32 weights where both are published, else fp16, which are half the size.
std::vector<PublishedFile> published_files(bool full);

/// Where the user wants to download from: `given`, else $C2C_MODEL_SOURCE, else the first line of
/// $XDG_CONFIG_HOME/cradle2cane/model_source, else huggingface.co. A source is an address with {repository}
/// and {path} in it (a mirror of huggingface.co), or that of a folder in the layout of a model folder.
std::string model_source(const std::string& given = {});

/// The source is a folder, not a pattern.
bool is_folder_source(const std::string& source);
std::string url_of(const std::string& source, const std::string& repository,
                   const PublishedFile::Place& place);

} // namespace c2c
