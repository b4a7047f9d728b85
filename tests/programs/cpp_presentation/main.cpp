#include <bits/stdc++.h>

int main()
{
    std::string word, separator;
    std::cin >> separator;
    for (int i = 0; i < 3; i++)
        std::cout << i << (separator == "one" ? " " : "  ");
    std::cout << "\n\n";
}
