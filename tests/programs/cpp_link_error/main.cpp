#include <iostream>

int missing(int);

int main()
{
    std::cout << missing(1) << std::endl;
}
