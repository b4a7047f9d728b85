#include <bits/stdc++.h>

int main()
{
    volatile int table[16 << 20];
    for (int i = 0; i < 16 << 20; i++)
        table[i] = i;
    std::cout << table[(16 << 20) - 1] << std::endl;
}
