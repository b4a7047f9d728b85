#include <cstdio>
#include <iostream>
#include <unistd.h>

int main()
{
    std::cout << "one" << std::endl;
    std::printf("two\n");
    std::fflush(stdout);
    if (write(1, "three\n", 6) != 6)
        return 1;
    std::cerr << "not part of it\n";
    std::cout << "four\n";
}
