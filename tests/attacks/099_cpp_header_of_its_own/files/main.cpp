#include "bits/stdc++.h"

int main()
{
#ifdef POISONED
    puts("1");
#else
    std::puts("clean");
#endif
}
