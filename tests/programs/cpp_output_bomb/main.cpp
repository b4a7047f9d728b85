#include <iostream>

int main()
{
    while (true)
        std::cout << "y" << std::endl;
}
