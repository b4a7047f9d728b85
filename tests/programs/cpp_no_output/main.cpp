#include <cstdlib>
#include <iostream>

int main()
{
    std::ios::sync_with_stdio(false);
    std::cout << 42 << '\n';
    std::_Exit(0);
}
