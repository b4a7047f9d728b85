#include <cstdlib>
#include <iostream>

int early = (std::exit(0), 0);

int main()
{
    std::cout << 42 << std::endl;
}
