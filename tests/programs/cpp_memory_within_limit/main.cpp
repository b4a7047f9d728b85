#include <bits/stdc++.h>

int main()
{
    std::vector<int> values((200 << 20) / sizeof(int), 1);
    std::cout << std::accumulate(values.begin(), values.end(), 0LL) << std::endl;
}
