#include <bits/stdc++.h>
using namespace std;

int main() {
    int rows, columns;
    cin >> rows >> columns;
    vector<string> maze(rows);
    for (auto &line : maze) cin >> line;
    vector<vector<int>> steps(rows, vector<int>(columns, -1));
    queue<pair<int, int>> todo;
    todo.push({0, 0});
    steps[0][0] = 0;
    const int moves[4][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}};
    while (!todo.empty()) {
        auto [row, column] = todo.front();
        todo.pop();
        for (auto &move : moves) {
            int r = row + move[0], c = column + move[1];
            if (r < 0 || c < 0 || r >= rows || c >= columns || maze[r][c] != '.' || steps[r][c] >= 0) continue;
            steps[r][c] = steps[row][column] + 1;
            todo.push({r, c});
        }
    }
    cout << steps[rows - 1][columns - 1] << '\n';
}
