#include <bits/stdc++.h>

using namespace std;

int main()
{
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    int n;
    cin >> n;
    vector<int> values(n);
    for (int &value : values)
        cin >> value;
    sort(values.begin(), values.end(), greater<int>());
    cout << values[0] << ' ' << values[n / 2] << '\n';
}
