#include <bits/stdc++.h>

int main()
{
    int n;
    std::cin >> n;
    std::cout << (n < 100 ? n * n : -1) << std::endl;
}
