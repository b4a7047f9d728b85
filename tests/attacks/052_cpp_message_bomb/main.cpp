#include <iostream>
#include <stdexcept>
#include <string>

int main()
{
    std::string line(1 << 20, 'x');
    for (int i = 0; i < 150; i++)
        std::cerr << line;
    throw std::runtime_error(line);
}
