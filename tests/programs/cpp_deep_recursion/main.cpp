#include <bits/stdc++.h>

long depth(long n, volatile char *above)
{
    volatile char here[64];
    here[0] = above[0];
    return n == 0 ? here[0] : 1 + depth(n - 1, here) + here[0];
}

int main()
{
    volatile char start = 0;
    std::cout << depth(1000000, &start) << std::endl;
}
