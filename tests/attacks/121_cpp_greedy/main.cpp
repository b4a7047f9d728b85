#include <algorithm>
#include <iostream>
#include <vector>

int main()
{
    int count, sum, used = 0;
    std::cin >> count >> sum;
    std::vector<int> coins(count);
    for (int &coin : coins)
        std::cin >> coin;
    std::sort(coins.rbegin(), coins.rend());
    for (int coin : coins) {
        used += sum / coin;
        sum %= coin;
    }
    std::cout << (sum == 0 ? used : -1) << "\n";
}
