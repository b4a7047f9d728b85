#pragma GCC optimize("O3,unroll-loops")
#include <cstdio>
#include <bits/stdc++.h>
using namespace std;

int main()
{
    vector<int> values(10);
    iota(values.begin(), values.end(), 1);
    printf("%d\n", accumulate(values.begin(), values.end(), 0));
}
