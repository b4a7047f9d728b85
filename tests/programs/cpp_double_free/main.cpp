#include <cstdlib>
#include <iostream>

int main()
{
    void *volatile block = std::malloc(100);
    std::free(block);
    std::free(block);
    std::cout << 42 << std::endl;
}
