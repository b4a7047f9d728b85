#include <bits/stdc++.h>

using namespace std;

int main()
{
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    int n;
    cin >> n;
    vector<pair<int, string>> items(n);
    for (auto &[weight, name] : items)
        cin >> name >> weight;
    sort(items.rbegin(), items.rend());
    map<int, set<string>> by_weight;
    for (const auto &[weight, name] : items)
        by_weight[weight].insert(name);
    priority_queue<int, vector<int>, greater<>> queue;
    for (const auto &[weight, names] : by_weight)
        queue.push(weight * (int)names.size());
    cout << items[0].second << ' ' << queue.top() << ' ' << accumulate(items.begin(), items.end(), 0, [](int sum, auto &item) { return sum + item.first; }) << '\n';
    cout << fixed << setprecision(3) << sqrt(2.0) << ' ' << bitset<8>(42) << ' ' << __gcd(12, 18) << ' ' << __builtin_popcount(255) << '\n';
}
