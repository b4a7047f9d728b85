#include <bits/stdc++.h>
using namespace std;

int main() {
    map<string, int> counts;
    string word;
    for (int c; (c = getchar()) != EOF;) {
        if (isalpha(c)) {
            word += (char)tolower(c);
        } else if (!word.empty()) {
            counts[word]++;
            word.clear();
        }
    }
    if (!word.empty()) counts[word]++;
    vector<pair<string, int>> order(counts.begin(), counts.end());
    stable_sort(order.begin(), order.end(), [](auto &a, auto &b) { return a.second > b.second; });
    for (size_t i = 0; i < min<size_t>(5, order.size()); ++i)
        cout << order[i].first << " " << order[i].second << "\n";
}
