#include <iostream>
#include <stdexcept>

struct Trace {
    int level;
    ~Trace() { std::cout << "leave " << level << '\n'; }
};

void down(int level)
{
    Trace trace{level};
    if (level == 0)
        throw std::out_of_range("bottom");
    down(level - 1);
}

int main()
{
    try {
        try {
            down(2);
        } catch (const std::logic_error &error) {
            std::cout << error.what() << '\n';
            throw;
        }
    } catch (const std::out_of_range &) {
        std::cout << "again\n";
    }
}
