#include <bits/stdc++.h>

int main()
{
    long long n;
    std::cin >> n;
    volatile long long pairs = 0;
    for (long long i = 0; i < n; i++)
        for (long long j = i + 1; j < n; j++)
            pairs = pairs + 1;
    std::cout << pairs << std::endl;
}
