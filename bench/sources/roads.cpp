#include <bits/stdc++.h>
using namespace std;

int main() {
    int towns, roads;
    scanf("%d %d", &towns, &roads);
    vector<vector<pair<int, long long>>> beside(towns + 1);
    for (int i = 0; i < roads; ++i) {
        int one, other, length;
        scanf("%d %d %d", &one, &other, &length);
        beside[one].push_back({other, length});
        beside[other].push_back({one, length});
    }
    vector<long long> far(towns + 1, -1);
    priority_queue<pair<long long, int>, vector<pair<long long, int>>, greater<>> heap;
    heap.push({0, 1});
    far[1] = 0;
    while (!heap.empty()) {
        auto [distance, town] = heap.top();
        heap.pop();
        if (distance > far[town]) continue;
        for (auto [other, length] : beside[town])
            if (far[other] < 0 || distance + length < far[other]) {
                far[other] = distance + length;
                heap.push({far[other], other});
            }
    }
    for (int town = 1; town <= towns; ++town) printf("%lld%c", far[town], town < towns ? ' ' : '\n');
}
