#include <cstdlib>
#include <iostream>

static int early = (std::quick_exit(0), 0);

long collatz(long n)
{
    return n + early;
}

int main()
{
    std::cout << collatz(27) << '\n';
}
