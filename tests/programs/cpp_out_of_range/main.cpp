#include <bits/stdc++.h>

int main()
{
    std::vector<int> values(3);
    std::cout << values.at(3) << std::endl;
}
