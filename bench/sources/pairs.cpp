#include <bits/stdc++.h>
using namespace std;

int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    long long n, bound, count = 0;
    cin >> n >> bound;
    vector<long long> values(n);
    for (auto &value : values) cin >> value;
    sort(values.begin(), values.end());
    for (long long place = 0; place < n; ++place) {
        long long end = upper_bound(values.begin(), values.end(), bound - values[place]) - values.begin();
        count += max(0LL, end - place - 1);
    }
    cout << count << endl;
}
