#include <bits/stdc++.h>

namespace fs = std::filesystem;

int main()
{
    std::cout << fs::exists("folder") << fs::exists("/tmp/file.txt");
    fs::create_directories("folder/inner");
    std::ofstream("folder/inner/a.txt") << "hello file\n";
    std::ofstream("/tmp/file.txt") << "x";
    fs::rename("folder/inner/a.txt", "folder/b.txt");
    std::string word;
    std::ifstream("folder/b.txt") >> word;
    std::cout << ' ' << word << ' ' << fs::file_size("folder/b.txt") << ' ' << fs::is_empty("folder/inner") << std::endl;
}
