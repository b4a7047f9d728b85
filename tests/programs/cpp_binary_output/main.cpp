#include <iostream>

int main()
{
    for (int i = 255; i >= 0; i--)
        std::cout.put(i);
}
