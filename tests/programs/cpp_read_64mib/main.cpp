#include <bits/stdc++.h>

int main()
{
    std::ios::sync_with_stdio(false);
    std::vector<char> block(1 << 20);
    unsigned long long bytes = 0, sum = 0;
    while (std::cin.read(block.data(), block.size()) || std::cin.gcount()) {
        bytes += std::cin.gcount();
        sum = std::accumulate(block.begin(), block.begin() + std::cin.gcount(), sum);
    }
    std::cout << bytes << ' ' << sum << std::endl;
}
