#include <bits/stdc++.h>

int main()
{
    std::vector<int> values(10);
    std::cout << 42 << std::endl;
    volatile long far = 1L << 40;
    values[far] = 1;
}
