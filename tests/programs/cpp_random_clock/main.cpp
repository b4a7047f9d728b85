#include <bits/stdc++.h>

using namespace std;

int main()
{
    mt19937 engine(5489);
    engine.discard(9999);
    mt19937_64 seeded(chrono::steady_clock::now().time_since_epoch().count() ^ random_device{}());
    auto start = chrono::steady_clock::now();
    uint64_t mixed = 0;
    for (int i = 0; i < 1000; i++)
        mixed |= seeded();
    cout << engine() << ' ' << (mixed != 0) << ' ' << (chrono::steady_clock::now() - start < chrono::seconds(5)) << endl;
}
