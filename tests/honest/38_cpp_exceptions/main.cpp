#include <bits/stdc++.h>

struct Early {
    Early() { count = 1; }
    int count;
} early;

int main()
{
    int a, b;
    std::cin >> a >> b;
    try {
        throw std::runtime_error("caught");
    } catch (const std::exception &) {
        std::cout << a + b * early.count << std::endl;
    }
}
