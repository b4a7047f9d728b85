#include <cstddef>
#include <iostream>
#include <new>

int main()
{
    volatile std::size_t size = (std::size_t)1 << 60;
    try {
        volatile char *block = new char[size];
        block[0] = 1;
        std::cout << "allocated\n";
    } catch (const std::bad_alloc &) {
        std::cout << "refused\n";
    }
}
