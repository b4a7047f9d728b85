#include <bits/stdc++.h>

int main()
{
    std::vector<long long> values;
    for (long long i = 0;; i++)
        values.push_back(i);
}
