#include <bits/stdc++.h>

int main()
{
    volatile unsigned long long n = 0;
    while (true)
        n = n * 6364136223846793005ULL + 1;
}
